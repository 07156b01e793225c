// A small portal: signs in with a development token, shows the caller's tickets, opens one with a screenshot, and follows the answers.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Incident = Schemas["Incident"];

const gateway = new URLSearchParams(location.search).get("gateway") ?? location.origin;
const api = createClient<paths>({ baseUrl: gateway });
let token = "";
let live: EventSource | undefined;
let shown: string | undefined;

api.use({
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
});

function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`There is no #${id}.`);
  return found as T;
}

/** What the answer has; else what it was refused for, for people. */
function orThrow<T>(answer: { data?: T; error?: Schemas["ProblemDetails"] | undefined; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  throw new Error(answer.error?.detail ?? `Refused with ${answer.response.status}.`);
}

function item(list: string, text: string): HTMLLIElement {
  const line = document.createElement("li");
  line.textContent = text;
  element(list).append(line);
  return line;
}

async function signIn(person: string): Promise<void> {
  const issued = await fetch(`${gateway}/dev/token`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ person }),
  });
  token = (await issued.json()).accessToken;
  const me = orThrow(await api.GET("/api/v1/me"));
  element("me").textContent = `Signed in as ${me.name}`;
  element("open").hidden = false;
  await follow();
  await list();
}

async function list(): Promise<void> {
  element("tickets").replaceChildren();
  const page = orThrow(await api.GET("/api/v1/incidents", { params: { query: { requester: ["me"], limit: 20 } } }));
  for (const ticket of page.items) {
    item("tickets", `${ticket.number} ${ticket.title}`).onclick = () => attempt(() => show(ticket.id));
  }
}

async function report(title: string, screenshot: File | undefined): Promise<void> {
  const incident = orThrow(await api.POST("/api/v1/incidents", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } }, body: { title },
  }));
  if (screenshot !== undefined && screenshot.size > 0) {
    const address = `${gateway}/api/v1/incidents/${incident.id}/attachments?fileName=${encodeURIComponent(screenshot.name)}`;
    const sent = await fetch(address, { method: "POST", headers: { Authorization: `Bearer ${token}` }, body: screenshot });
    if (!sent.ok) throw new Error((await sent.json()).detail);
  }

  await list();
  await show(incident.id);
}

async function show(id: string): Promise<void> {
  shown = id;
  const path = { id };
  const [incident, files, comments] = await Promise.all([
    api.GET("/api/v1/incidents/{id}", { params: { path } }).then(orThrow<Incident>),
    api.GET("/api/v1/incidents/{id}/attachments", { params: { path } }).then(orThrow<Schemas["PageOfAttachmentOfIncident"]>),
    api.GET("/api/v1/incidents/{id}/comments", { params: { path } }).then(orThrow<Schemas["PageOfCommentOfIncident"]>),
  ]);
  element("ticket").hidden = false;
  element("ticket").querySelector("h1")!.textContent = `${incident.number} ${incident.title}`;
  element("state").textContent = incident.state;
  element("files").replaceChildren();
  element("comments").replaceChildren();
  for (const comment of comments.items) item("comments", `${comment.authorName}: ${comment.text}`);
  for (const file of files.items) await picture(id, file);
}

async function picture(id: string, file: Schemas["AttachmentOfIncident"]): Promise<void> {
  if (file.image === undefined) return;
  const address = `${gateway}/api/v1/incidents/${id}/attachments/${file.id}/thumbnail`;
  const small = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
  const shown = document.createElement("img");
  shown.alt = file.fileName;
  shown.src = URL.createObjectURL(await small.blob());
  element("files").append(shown);
}

async function follow(): Promise<void> {
  live?.close();
  const { ticket } = orThrow(await api.POST("/api/v1/stream/tickets"));
  const stream = live = new EventSource(`${gateway}/api/v1/stream?types=ticket,comment&ticket=${ticket}`);
  stream.addEventListener("comment", event => {
    const comment: Schemas["CommentEvent"] = JSON.parse(event.data);
    if (comment.ticket === shown) item("comments", `${comment.by.name}: ${comment.text}`).dataset["live"] = comment.comment;
  });
  stream.addEventListener("ticket", event => {
    const change: Schemas["TicketEvent"] = JSON.parse(event.data);
    if (change.ticket === shown) element("state").textContent = change.state;
  });
  await new Promise<void>(resolve => stream.addEventListener("ready", () => resolve(), { once: true }));
}

async function attempt(what: () => Promise<void>): Promise<void> {
  try {
    element("error").textContent = "";
    await what();
  } catch (failed) {
    element("error").textContent = failed instanceof Error ? failed.message : String(failed);
  }
}

function onSubmit(form: string, then: (fields: FormData) => Promise<void>): void {
  element<HTMLFormElement>(form).onsubmit = event => {
    event.preventDefault();
    void attempt(() => then(new FormData(element<HTMLFormElement>(form))));
  };
}

onSubmit("login", fields => signIn(String(fields.get("person"))));
onSubmit("open", fields => {
  const screenshot = fields.get("screenshot");
  return report(String(fields.get("title")), screenshot instanceof File ? screenshot : undefined);
});
const people: { userName: string }[] = await (await fetch(`${gateway}/dev/people`)).json();
for (const { userName } of people) element("login").querySelector("select")!.append(new Option(userName));
