using Itsm.Platform.Values;
using Microsoft.AspNetCore.Mvc;

namespace Itsm.Platform.Errors;

/// <summary>Ends a request with these problem details.</summary>
public sealed class HttpProblemException(ProblemDetails problem) : Exception(problem.Detail)
{
    private const int MostErrors = 50;
    private const int MostInDetail = 5;
    private const int LongestText = 1_000;

    /// <summary>What the caller gets.</summary>
    public ProblemDetails Problem { get; } = problem;

    /// <summary>Sent with the problem; null where there is none.</summary>
    public string? Tag { get; init; }

    /// <summary>When the request may succeed; null where nobody knows.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>404 for what is not there, or what the caller may not see.</summary>
    public static HttpProblemException NotFound(string noun, string id) =>
        new(Problems.Create(404, "not-found", "Not found",
            $"There is no {noun} {(id.Length > 100 ? id[..100] + "…" : id)} that you can see."));

    /// <summary>403 for what the caller may see, but not do.</summary>
    /// <param name="detail">One sentence that says why.</param>
    public static HttpProblemException Forbidden(string detail) =>
        new(Problems.Create(403, "permission-missing", "Permission missing", detail));

    /// <summary>400 for a value that is wrong, with a pointer to it.</summary>
    /// <param name="pointer">JSON pointer, or <c>?name</c> for a query parameter.</param>
    /// <param name="detail">One sentence.</param>
    public static HttpProblemException Invalid(string pointer, string detail) => Invalid([new FieldError(pointer, detail)]);

    /// <summary>400 with all that is wrong, or the first 50 of it; <c>errorCount</c> tells how many there are.</summary>
    public static HttpProblemException Invalid(IReadOnlyList<FieldError> errors)
    {
        FieldError[] shown = [.. errors.Take(MostErrors).Select(error => new FieldError(Short(error.Pointer), Short(error.Detail)))];
        var problem = Problems.Create(400, "invalid-request", "Invalid request",
            string.Join(" ", shown.Take(MostInDetail).Select(error => error.Detail)));
        problem.Extensions["errors"] = shown;
        problem.Extensions["errorCount"] = errors.Count;
        return new HttpProblemException(problem);
    }

    private static string Short(string text) => text.Length <= LongestText ? text : text[..LongestText] + "…";
}
