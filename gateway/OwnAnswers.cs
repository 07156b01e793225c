using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Platform.Errors;

namespace Itsm.Gateway;

/// <summary>What the gateway itself answers in the place of a service, said of each operation of the merged contract.</summary>
internal static class OwnAnswers
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];
    private static readonly int[] Always = [400, 414, 429, 431, 500, 502, 503, 504];

    /// <summary>What all answers have, for the components of the contract.</summary>
    public static JsonObject Headers { get; } = new()
    {
        ["RateLimit"] = Header("The requests that the caller may send now (r) and the seconds until there are more (t)."),
        ["RateLimit-Policy"] = Header("The requests that a caller may send at once (q) within a window of seconds (w)."),
    };

    public static void AddTo(JsonObject paths)
    {
        foreach (var operation in paths.SelectMany(path => Methods.Select(method => path.Value?[method])).OfType<JsonObject>())
        {
            if (operation["responses"] is not JsonObject responses)
            {
                operation["responses"] = responses = [];
            }

            foreach (var status in Always)
            {
                Add(responses, status);
            }

            if (operation["security"] is not JsonArray { Count: 0 })
            {
                Add(responses, StatusCodes.Status401Unauthorized);
            }

            if (operation["requestBody"] is not null)
            {
                Add(responses, StatusCodes.Status413PayloadTooLarge);
            }
            foreach (var (status, response) in responses)
            {
                AddHeaders(status, response!.AsObject());
            }
        }
    }

    private static JsonObject Header(string description) =>
        new() { ["description"] = description, ["schema"] = new JsonObject { ["type"] = "string" } };

    /// <summary>The gateway counts the requests of each caller.</summary>
    private static void AddHeaders(string status, JsonObject response)
    {
        var headers = response["headers"] as JsonObject ?? [];
        foreach (var name in Headers.Select(header => header.Key))
        {
            headers[name] = new JsonObject { ["$ref"] = $"#/components/headers/{name}" };
        }

        if (status is "429" or "503" && !headers.ContainsKey("Retry-After"))
        {
            headers["Retry-After"] = Header("Seconds until a further try may succeed.");
        }

        response["headers"] = headers;
    }

    private static void Add(JsonObject responses, int status) =>
        responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new JsonObject
        {
            ["description"] = Problems.Meanings[status],
            ["content"] = new JsonObject
            {
                [ProblemDetails.MediaType] = new JsonObject
                {
                    ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{nameof(ProblemDetails)}" },
                },
            },
        });
}
