#include <jansson.h>
// Macros and inline functions that Swift does not import.
static inline int lyceum_json_type(const json_t *value) { return value->type; }
static inline void lyceum_json_decref(json_t *value) { json_decref(value); }
