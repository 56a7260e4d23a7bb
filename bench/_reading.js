// Runs before the page: remembers when a key or a pointer came and what was painted when.
(() => {
  const log = (window.bench = { next: [], steps: [], uploads: 0, scripts: [] });
  const frame = window.requestAnimationFrame.bind(window);
  let pressed = 0;
  let script = 0;
  let step = 0;

  // After the frame's callbacks a message arrives only once the frame is on its way.
  const painted = (done) => frame(() => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => done(performance.now());
    port2.postMessage(0);
  });

  window.requestAnimationFrame = (callback) => frame((now) => {
    const start = performance.now();
    callback(now);
    script += performance.now() - start;
  });

  document.addEventListener("keydown", () => (pressed = performance.now()), true);
  document.addEventListener("loaded", () => {
    const from = pressed;
    painted((at) => log.next.push(at - from));
  }, true);

  document.addEventListener("pointermove", (event) => {
    if (event.buttons === 0) return;
    step = performance.now();
    script = 0;
  }, true);
  document.addEventListener("pointermove", (event) => {
    if (event.buttons) script += performance.now() - step;
  });

  const done = (from) => {
    log.steps.push(performance.now() - from);
    log.scripts.push(script);
  };

  // From the worker a frame comes as a bitmap, which is drawn on the page's own canvas.
  const { drawImage } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.drawImage = function (...given) {
    const start = performance.now();
    drawImage.apply(this, given);
    script += performance.now() - start;
    const from = step;
    step = 0;
    if (from) painted(() => done(from));
  };

  const gl = WebGL2RenderingContext.prototype;
  const { drawArrays, texImage2D, getParameter } = gl;
  if (location.hash === "#webgl") gl.getParameter = function (name) {
    return name === 0x9246 ? "taken for hardware" : getParameter.call(this, name);
  };
  gl.texImage2D = function (...given) {
    log.uploads += 1;
    return texImage2D.apply(this, given);
  };
  gl.drawArrays = function (...given) {
    drawArrays.apply(this, given);
    if (!step) return;
    const from = step;
    step = 0;
    const start = performance.now();
    const sync = this.fenceSync(this.SYNC_GPU_COMMANDS_COMPLETE, 0);
    this.flush();
    script -= performance.now() - start;
    const ask = new MessageChannel();
    ask.port1.onmessage = () => {
      const state = this.clientWaitSync(sync, 0, 0);
      if (state === this.TIMEOUT_EXPIRED) return void ask.port2.postMessage(0);
      this.deleteSync(sync);
      done(from);
    };
    ask.port2.postMessage(0);
  };
})();
