// @ts-check
/**
 * Security keys: hands what the server asks for to the browser, and what the key answers back in the form.
 *
 * A form with `data-security-key` ("create" or "get") and the server's options in `#key-options`. Binary values
 * travel as base64url. Decides nothing: the server checks every answer.
 */

/** @typedef {Record<string, any>} Json */

/** Bytes of base64url. @param {string} text */
function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (sign) => sign.charCodeAt(0));
}

/** Base64url of bytes. @param {ArrayBuffer} buffer */
function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Credentials that the server names. @param {Json[]} [listed] */
function named(listed = []) {
  return listed.map((one) => ({ ...one, id: bytes(one.id) }));
}

/** Asks the browser to make a key known. @param {Json} asked */
async function create(asked) {
  const publicKey = /** @type {any} */ ({
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: named(asked.excludeCredentials),
  });
  const made = /** @type {any} */ (await navigator.credentials.create({ publicKey }));
  return answered(made, {
    attestationObject: text(made.response.attestationObject),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
}

/** Asks the browser for a key that is known. @param {Json} asked */
async function get(asked) {
  const publicKey = /** @type {any} */ ({
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: named(asked.allowCredentials),
  });
  const used = /** @type {any} */ (await navigator.credentials.get({ publicKey }));
  const handle = used.response.userHandle;
  return answered(used, {
    authenticatorData: text(used.response.authenticatorData),
    signature: text(used.response.signature),
    userHandle: handle ? text(handle) : null,
  });
}

/** A credential as the server reads it. @param {any} credential @param {Json} response */
function answered(credential, response) {
  return {
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  };
}

/** @param {HTMLFormElement} form @param {Json} options */
async function ask(form, options) {
  const said = /** @type {HTMLElement} */ (form.querySelector("[data-said]"));
  said.textContent = form.dataset.waiting ?? "";
  try {
    const credential = await (form.dataset.securityKey === "create" ? create(options) : get(options));
    const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
    field.value = JSON.stringify(credential);
    form.submit();
  } catch (error) {
    const known = error instanceof DOMException && error.name === "InvalidStateError";
    said.textContent = (known ? form.dataset.known : form.dataset.cancelled) ?? "";
  }
}

/** @param {HTMLFormElement} form */
function start(form) {
  const holder = document.getElementById("key-options");
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  const said = /** @type {HTMLElement} */ (form.querySelector("[data-said]"));
  const named = !/^[\d.]+$|^\[/.test(location.hostname);
  if (!holder || !("credentials" in navigator) || !("PublicKeyCredential" in window) || !named) {
    said.textContent = form.dataset.unable ?? "";
    return;
  }
  const options = JSON.parse(holder.textContent ?? "{}").publicKey;
  button.disabled = false;
  if (button.autofocus) button.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void ask(form, options);
  });
}

for (const form of document.querySelectorAll("form[data-security-key]")) {
  if (form instanceof HTMLFormElement) start(form);
}
