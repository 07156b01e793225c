using System.Globalization;
using System.Text.Json.Nodes;
using Itsm.Platform.Errors;

namespace Itsm.Gateway;

/// <summary>What the gateway itself answers in the place of a service, said of each operation of the merged contract.</summary>
internal static class OwnAnswers
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "patch"];
    private static readonly int[] Always = [400, 414, 429, 431, 500, 502, 503, 504];

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
        }
    }

    private static void Add(JsonObject responses, int status) =>
        responses.TryAdd(status.ToString(CultureInfo.InvariantCulture), new JsonObject
        {
            ["description"] = Problems.Meanings[status],
            ["content"] = new JsonObject
            {
                [Problem.MediaType] = new JsonObject
                {
                    ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{nameof(Problem)}" },
                },
            },
        });
}
