// Redoc's attribution fetches its logo from its maker's server. Nothing here leaves this machine,
// so images of other hosts are not asked for.
"use strict";
{
  const image = HTMLImageElement.prototype;
  const source = Object.getOwnPropertyDescriptor(image, "src");
  const isHere = (value) => {
    const address = new URL(value, location.href);
    return address.protocol === "data:" || address.origin === location.origin;
  };
  Object.defineProperty(image, "src", {
    ...source,
    set(value) {
      if (isHere(value)) source.set.call(this, value);
    },
  });
  image.setAttribute = function (name, value) {
    if (name !== "src" || isHere(value)) Element.prototype.setAttribute.call(this, name, value);
  };
}
