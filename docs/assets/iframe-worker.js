/* Search runs in a worker, which browsers refuse to pages that are opened as files. Such pages get
   one that runs in a hidden frame, with the parts of `Worker` that the search uses. The theme would
   load one from the net if there were no script whose name holds "iframe-worker". */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "search";
      document.body.appendChild(frame);
      const scope = frame.contentWindow;
      const address = new URL(url, location);
      const load = (each) =>
        new Promise((done, failed) => {
          const script = scope.document.createElement("script");
          script.src = each;
          script.onload = done;
          script.onerror = failed;
          scope.document.body.appendChild(script);
        });
      scope.importScripts = async (...urls) => {
        for (const each of urls) await load(new URL(each, address));
      };
      scope.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.scope = load(address).then(() => scope);
    }
    postMessage(data) {
      this.scope.then((scope) => scope.dispatchEvent(new scope.MessageEvent("message", { data })));
    }
    terminate() {}
  };
}
