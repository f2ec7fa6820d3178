internal import PostgreSQL

/// Publishing, as it is on the way of every transaction that emits.
extension KernelSchema {
    /// Without `set search_path`, which costs a fifth of the call, every name and operator says its schema; a single event, as
    /// nearly all are, is inserted without a detour through a set of rows.
    static let quickerPublish = Migration(
        8, "publish one event quickly",
        """
        create or replace function lyceum.publish(
            topics text[], majors integer[], keys text[], lanes smallint[], payloads text[], causation bigint, trace text
        ) returns void language plpgsql security definer as $body$
        declare
            -- First of all: whoever has a later transaction id then takes later event ids too.
            own constant pg_catalog.xid8 := pg_catalog.pg_current_xact_id();
        begin
            if pg_catalog.cardinality(topics) operator(pg_catalog.=) 1 then
                insert into lyceum.event (xid, topic, major, lane, key, payload, causation, trace)
                values (own, topics[1], majors[1], lanes[1] operator(pg_catalog.&) 15::pg_catalog.int2, keys[1],
                    payloads[1]::pg_catalog.json, publish.causation, publish.trace);
            else
                insert into lyceum.event (xid, topic, major, lane, key, payload, causation, trace)
                select own, one.topic, one.major, one.lane operator(pg_catalog.&) 15::pg_catalog.int2, one.key,
                    one.payload::pg_catalog.json, publish.causation, publish.trace
                from rows from (pg_catalog.unnest(topics), pg_catalog.unnest(majors), pg_catalog.unnest(keys),
                    pg_catalog.unnest(lanes), pg_catalog.unnest(payloads)) with ordinality
                    as one(topic, major, key, lane, payload, place)
                order by one.place;
            end if;
        end $body$;
        alter function lyceum.publish(text[], integer[], text[], smallint[], text[], bigint, text) reset search_path;
        """)
}
