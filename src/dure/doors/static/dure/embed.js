// <dure-call slug="…"> on anybody's page: the call itself, in a frame that is as tall as it is.

const origin = new URL(import.meta.url).origin;
// Until the page in it has said how tall it is.
const HEIGHT = 640;
const HEIGHT_MIN = 160;
const HEIGHT_MAX = 4000;

class DureCall extends HTMLElement {
  /** @type {HTMLIFrameElement | null} */
  frame = null;

  connectedCallback() {
    const frame = document.createElement("iframe");
    const language = this.getAttribute("lang");
    const slug = encodeURIComponent(this.getAttribute("slug") ?? "");
    frame.src = `${origin}/c/${slug}/?embed=1${language ? `&lang=${encodeURIComponent(language)}` : ""}`;
    frame.title = this.getAttribute("title") ?? "Dure";
    frame.loading = "lazy";
    frame.style.cssText = "display:block;inline-size:100%;border:0";
    frame.style.blockSize = `${Number(this.getAttribute("height")) || HEIGHT}px`;
    this.frame = frame;
    this.replaceChildren(frame);
    addEventListener("message", this.fit);
  }

  disconnectedCallback() {
    removeEventListener("message", this.fit);
  }

  /** @param {MessageEvent} event from any window there is: only our own frame's page is believed */
  fit = ({ source, origin: sender, data }) => {
    if (!this.frame || source !== this.frame.contentWindow || sender !== origin) return;
    const height = Number(data?.dureHeight);
    // A height that the page was given by whoever embeds it stays.
    if (!(height > 0) || this.hasAttribute("height")) return;
    this.frame.style.blockSize = `${Math.min(Math.max(height, HEIGHT_MIN), HEIGHT_MAX)}px`;
  };
}

customElements.define("dure-call", DureCall);
