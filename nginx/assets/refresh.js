/*
 * Shows a developer's page anew once another generation answers than the one that made it. It is on no page of an installation
 * that was not started with --develop.
 */
"use strict";
(() => {
  const own = document.currentScript.dataset.generation;
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch("/lyceum/generation", { cache: "no-store" });
      if (answer.ok && String((await answer.json()).generation) !== own) location.reload();
    } catch {
      // It is being restarted.
    }
  }, 1000);
})();
