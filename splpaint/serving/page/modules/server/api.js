/** The server's API: requests with their progress, and refusals in words. */

const KEY = "splpaint.api-key";

/** A refusal or failure: what happened and what to do, and the seconds after which to ask again, if that helps. */
export class ServerError extends Error {
  constructor(message, { status = 0, retryAfter = null } = {}) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  /** @param {(wasWrong: boolean) => Promise<string>} askKey Asks the person for the server's key. */
  constructor(askKey) {
    this.askKey = askKey;
  }

  limits() {
    return this.#json("limits");
  }

  /** Ask for the key, unless this tab has one. */
  async requireKey() {
    if (sessionStorage.getItem(KEY) === null) sessionStorage.setItem(KEY, await this.askKey(false));
  }

  models() {
    return this.#json("models");
  }

  /** How far a request is that was sent under a name; null if the server does not know. */
  async progress(name) {
    return attempt("GET", `progress/${name}`, {}).then(async (answer) => JSON.parse(await answer.file.text()), () => null);
  }

  /** Paint what the mask marks. Resolves to the picture's file, with notices. */
  inpaint(fields, request) {
    return this.#post("inpaint", fields, request);
  }

  /** Find the thing in a box or under a stroke. Likewise a mask's file. */
  select(fields, request) {
    return this.#post("select", fields, request);
  }

  /** Put one picture over another where a mask is white, in the format of the lower one. Likewise. */
  compose(fields, request) {
    return this.#post("compose", fields, request);
  }

  async #json(path) {
    return JSON.parse(await (await this.#send("GET", path)).file.text());
  }

  #post(path, fields, request) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (value !== null && value !== undefined) form.append(name, value);
    }
    return this.#send("POST", path, { ...request, body: form });
  }

  /** As `attempt`, but asks for the key where the server wants one. */
  async #send(method, path, request = {}) {
    for (;;) {
      try {
        return await attempt(method, path, request);
      } catch (error) {
        if (error.status !== 401) throw error;
        sessionStorage.setItem(KEY, await this.askKey(true));
      }
    }
  }
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} request `{body, name, signal, onSent, onWorking}`: what is sent; under which name its progress may be
 *   asked for; an `AbortSignal`; called with the share that has been sent, in [0, 1]; called when all of it has.
 * @returns {Promise<{file: Blob, notices: string[]}>} The answer's body, and what should be known of it.
 * @throws {ServerError} The server refused or cannot be reached.
 * @throws {DOMException} Named AbortError: the signal was given.
 */
function attempt(method, path, { body, name, signal, onSent, onWorking }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, `api/v1/${path}`);
    request.responseType = "blob";
    const key = sessionStorage.getItem(KEY);
    if (key !== null) request.setRequestHeader("X-API-Key", key);
    if (name) request.setRequestHeader("X-Request-ID", name);
    if (onSent) request.upload.onprogress = (event) => event.lengthComputable && onSent(event.loaded / event.total);
    if (onWorking) request.upload.onload = onWorking;
    request.onload = async () => {
      if (request.status >= 200 && request.status < 300) {
        const notices = JSON.parse(request.getResponseHeader("X-Notices") ?? "[]");
        resolve({ file: request.response, notices });
      } else reject(await refusal(request));
    };
    request.onerror = () =>
      reject(new ServerError("The server cannot be reached: is it still running? Your work is kept. Try again."));
    request.onabort = () => reject(new DOMException("Cancelled.", "AbortError"));
    if (signal?.aborted) return request.onabort();
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

async function refusal(request) {
  const { status } = request;
  let detail = "";
  try {
    const said = JSON.parse(await request.response.text()).detail;
    detail = typeof said === "string" ? said : said.map((each) => each.msg).join("; ");
  } catch {
    // not ours: a proxy's page, for instance
  }
  const message = detail || `The server answered ${status} ${request.statusText}, without a reason.`;
  const seconds = Number(request.getResponseHeader("Retry-After"));
  return new ServerError(message, { status, retryAfter: [429, 503].includes(status) ? seconds || 2 : null });
}
