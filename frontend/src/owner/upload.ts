export interface Uploaded {
  readonly status: number;
  readonly address?: string;
  readonly message?: string;
}

/** Sends a form with its files; `progress` hears a share from 0 to 1. Status 0: not reached. */
export function upload(form: HTMLFormElement, progress: (share: number) => void): Promise<Uploaded> {
  return new Promise((done) => {
    // fetch has no progress for what it sends.
    const request = new XMLHttpRequest();
    request.open(form.method, form.action);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    });
    request.addEventListener("loadend", () => done(read(request)));
    request.send(new FormData(form));
  });
}

interface Reply {
  readonly address?: string;
  readonly error?: { readonly message?: string };
}

function read({ status, responseText }: XMLHttpRequest): Uploaded {
  try {
    const { address, error } = JSON.parse(responseText) as Reply;
    return { status, ...(address && { address }), ...(error?.message && { message: error.message }) };
  } catch {
    return { status };
  }
}
