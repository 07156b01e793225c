// What a front end does with the types that are generated from the contract; compiled only.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Incident = Schemas["Incident"];
type Events = { ticket: Schemas["TicketEvent"]; comment: Schemas["CommentEvent"]; end: Schemas["EndEvent"] };

export function connect(baseUrl: string, token: () => string) {
  const api = createClient<paths>({ baseUrl });
  api.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${token()}`);
      return request;
    },
  });
  return api;
}

type Api = ReturnType<typeof connect>;

/** What the answer has, or the refusal in the words of its code. */
function orThrow<T>(answer: { data?: T; error?: Schemas["ProblemDetails"] | undefined; response: Response }): T {
  if (answer.data !== undefined) return answer.data;
  switch (answer.error?.code) {
    case "ticket.ended":
      throw new Error("It is closed already.");
    default:
      throw new Error(answer.error?.detail ?? `Refused with ${answer.response.status}.`);
  }
}

export async function open(api: Api, title: string): Promise<string> {
  const incident: Incident = orThrow(await api.POST("/api/v1/incidents", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } }, body: { title },
  }));
  const shown: [string, string, number, string[]] = [incident.number, incident.stateSince, incident.priority, incident.watchers];
  return `${shown.join(" ")}${incident.state === "new" ? "" : "!"} ${incident.assignee?.length ?? "unassigned"}`;
}

export async function comment(api: Api, id: string, text: string): Promise<string> {
  return orThrow(await api.POST("/api/v1/incidents/{id}/comments", { params: { path: { id } }, body: { text } })).at;
}

export async function resolve(api: Api, incident: Incident): Promise<Incident> {
  return orThrow(await api.POST("/api/v1/incidents/{id}/resolve", {
    params: { path: { id: incident.id }, header: { "If-Match": `"${incident.version}"` } },
    body: { code: "fixedPermanently", notes: "Replaced the toner." },
  }));
}

/** All pages of what the caller's groups have to do. */
export async function* mine(api: Api): AsyncGenerator<Schemas["IncidentSummary"]> {
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: Schemas["PageOfIncident"] = orThrow(await api.GET("/api/v1/incidents", {
      params: { query: { assignmentGroup: ["mine"], state: ["new", "inProgress"], "openedAt[gte]": "2026-01-01T00:00:00Z", ...(cursor === "" ? {} : { cursor }) } },
    }));
    yield* page.items;
    cursor = page.next;
  }
}

export async function history(api: Api, id: string): Promise<string[]> {
  const page = orThrow(await api.GET("/api/v1/incidents/{id}/history", { params: { path: { id } } }));
  return page.items.flatMap(entry =>
    entry.changes.map(change => `${entry.at} ${entry.by.name}: ${change.field} ${String(change.from)} to ${String(change.to)}`));
}

/** Calls back with each event of the stream; goes on after the last id. */
export async function follow(api: Api, on: { [Name in keyof Events]: (data: Events[Name]) => void }, lastId?: string) {
  const { response } = await api.GET("/api/v1/stream", {
    params: { header: lastId === undefined ? {} : { "Last-Event-ID": lastId } }, parseAs: "stream",
  });
  let rest = "";
  for (let reader = response.body!.pipeThrough(new TextDecoderStream()).getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const lines of blocks.map(block => block.split("\n"))) {
      const field = (name: string) => lines.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
      const event = field("event");
      if (event === "ticket" || event === "comment" || event === "end") on[event](JSON.parse(field("data")));
    }
  }
}
