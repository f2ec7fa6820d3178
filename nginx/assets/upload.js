/*
 * Sends the file of a form in parts that survive a cut (tus 1.0.0), and shows how far it is. Without this script the same form
 * sends the file whole.
 */
"use strict";
(() => {
  const PART = 8 * 1024 * 1024;
  const TRIES = 8;

  /** Sends a part; answers the request when it has an answer, and fails when the connection breaks. */
  function send(method, address, headers, body, progress) {
    return new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open(method, address);
      request.setRequestHeader("Tus-Resumable", "1.0.0");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      if (progress) request.upload.onprogress = (event) => progress(event.loaded);
      request.onload = () => done(request);
      request.onerror = request.ontimeout = request.onabort = () => failed(new Error("network"));
      request.send(body);
    });
  }

  const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

  /** Where an upload of the same file was begun before, in this browser. */
  const memory = {
    key: (file) => `lyceum-upload:${file.name}:${file.size}:${file.lastModified}`,
    read(file) {
      try { return JSON.parse(localStorage.getItem(this.key(file))); } catch { return null; }
    },
    write(file, upload) {
      try { localStorage.setItem(this.key(file), JSON.stringify(upload)); } catch { /* it only cannot go on later */ }
    },
    forget(file) {
      try { localStorage.removeItem(this.key(file)); } catch { /* nothing was kept */ }
    },
  };

  class Refused extends Error {}

  function problem(request, form) {
    try { return JSON.parse(request.responseText).title; } catch { return form.dataset.failed; }
  }

  /** How much of an upload is there; null when there is none any more. */
  async function offset(upload) {
    const answer = await send("HEAD", upload.address, { "Upload-Ticket": upload.ticket });
    if (answer.status >= 500 || answer.status === 423) throw new Error("later");
    return answer.status === 200 ? Number(answer.getResponseHeader("Upload-Offset")) : null;
  }

  async function begin(form, file) {
    const fields = new URLSearchParams({ name: file.name, size: String(file.size) });
    const token = form.querySelector("input[name=form_token]");
    if (token) fields.set("form_token", token.value);
    const answer = await fetch(form.dataset.upload, { method: "POST", body: fields });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const begun = page.getElementById("upload");
    if (!begun) {
      const alert = page.querySelector("[role=alert]");
      throw new Refused(alert ? alert.textContent.trim() : form.dataset.failed);
    }
    const upload = { address: begun.dataset.address, ticket: begun.dataset.ticket };
    memory.write(file, upload);
    return upload;
  }

  async function run(form, file, show) {
    let upload = memory.read(file);
    let at = null;
    let tries = 0;
    for (;;) {
      try {
        if (upload && at === null) at = await offset(upload);
        if (at === null) {
          upload = await begin(form, file);
          at = 0;
        }
        while (at < file.size) {
          const start = at;
          const part = file.slice(start, start + PART);
          const answer = await send(
            "PATCH", upload.address,
            { "Upload-Ticket": upload.ticket, "Upload-Offset": String(start), "Content-Type": "application/offset+octet-stream" },
            part, (sent) => show(Math.min(start + sent, file.size), file.size, form.dataset.going));
          if (answer.status === 204) {
            at = Number(answer.getResponseHeader("Upload-Offset"));
            tries = 0;
          } else if (answer.status === 409 || answer.status === 423 || answer.status >= 500) {
            at = null;
            throw new Error("later");
          } else {
            memory.forget(file);
            throw new Refused(problem(answer, form));
          }
        }
        memory.forget(file);
        return;
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (++tries > TRIES) throw new Refused(form.dataset.failed);
        show(null, file.size, form.dataset.waiting);
        at = null;
        await sleep(Math.min(30000, 500 * 2 ** tries));
      }
    }
  }

  for (const form of document.querySelectorAll("form[data-upload]")) {
    form.addEventListener("submit", async (event) => {
      const file = form.querySelector("input[type=file]").files[0];
      if (!file) return;
      event.preventDefault();
      const box = form.querySelector("[data-progress]");
      const bar = box.querySelector("progress");
      const words = box.querySelector("[role=status]");
      const button = form.querySelector("button[type=submit]");
      box.hidden = false;
      button.disabled = true;
      try {
        await run(form, file, (sent, size, text) => {
          if (sent === null) bar.removeAttribute("value");
          else bar.value = size ? (100 * sent) / size : 100;
          words.textContent = sent === null ? text : `${text} ${Math.floor(size ? (100 * sent) / size : 100)} %`;
        });
        location.assign(form.getAttribute("action"));
      } catch (error) {
        bar.value = 0;
        words.textContent = error.message;
        button.disabled = false;
      }
    });
  }
})();
