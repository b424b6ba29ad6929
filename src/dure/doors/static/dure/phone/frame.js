// In a frame on somebody's page: say how tall this one is, so that embed.js can make it fit.

const root = document.documentElement;
let told = 0;

function tell() {
  const height = Math.ceil(root.getBoundingClientRect().height);
  if (height === told) return;
  told = height;
  // Whose page holds us is not known, and a height is no secret.
  parent.postMessage({ dureHeight: height }, "*");
}

if (parent !== window) new ResizeObserver(tell).observe(root);
