// <dure-call slug="…"> on anybody's page: the call itself, in a frame of its own.

const origin = new URL(import.meta.url).origin;
const HEIGHT = 640;

class DureCall extends HTMLElement {
  connectedCallback() {
    const frame = document.createElement("iframe");
    const language = this.getAttribute("lang");
    const slug = encodeURIComponent(this.getAttribute("slug") ?? "");
    frame.src = `${origin}/c/${slug}/?embed=1${language ? `&lang=${encodeURIComponent(language)}` : ""}`;
    frame.title = this.getAttribute("title") ?? "Dure";
    frame.loading = "lazy";
    frame.style.cssText = "display:block;inline-size:100%;border:0";
    frame.style.blockSize = `${Number(this.getAttribute("height")) || HEIGHT}px`;
    this.replaceChildren(frame);
  }
}

customElements.define("dure-call", DureCall);
