using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Itsm.Ticketing.Attachments;

/// <summary>A file as it comes with a request: the body itself, or the part <c>file</c> of a form.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Content">Its bytes, as they come.</param>
internal sealed record UploadedFile(string Name, Stream Content)
{
    /// <summary>The media type of forms.</summary>
    public const string Form = "multipart/form-data";

    /// <summary>More bytes than a form has beside its file.</summary>
    public const int FormSize = 64 * 1024;

    private const int LongestBoundary = 70;
    private const int LongestName = 255;
    private const int LongestField = 1_000;
    private const string Part = "file";
    private MultipartReader? _rest;

    /// <summary>The field <c>internal</c> of the form; null where it has none.</summary>
    public bool? Internal { get; private init; }

    /// <summary>The field <c>comment</c> of the form; null where it has none.</summary>
    public Guid? Comment { get; private init; }

    /// <summary>The file of a request.</summary>
    /// <param name="request">Its body is not read yet.</param>
    /// <param name="name">What the query says that it is called; null where it does not.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="HttpProblemException">400: there is no file, or it has no name, or a field is wrong.</exception>
    public static async Task<UploadedFile> OfAsync(HttpRequest request, string? name, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase))
        {
            return new(NameOf(name) ?? throw HttpProblemException.Invalid("?fileName", FieldCode.Required,
                $"fileName is required where the file is the body itself."), request.Body);
        }

        try
        {
            var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
            if (string.IsNullOrEmpty(boundary) || boundary.Length > LongestBoundary)
            {
                throw new InvalidDataException($"its boundary must have 1 to {LongestBoundary} characters");
            }

            var (reader, fields) = (new MultipartReader(boundary, request.Body), new Dictionary<string, string>());
            while (await reader.ReadNextSectionAsync(ct) is { } section)
            {
                if (section.AsFileSection() is { Name: Part } file)
                {
                    return new(NameOf(name ?? file.FileName, "/file") ?? throw HttpProblemException.Invalid("/file", FieldCode.Required,
                        $"The part file has no filename."), file.FileStream!)
                    {
                        _rest = reader,
                        Internal = fields.TryGetValue("internal", out var flag)
                            ? bool.TryParse(flag, out var isInternal) ? isInternal : throw Wrong("internal", flag, $"true or false") : null,
                        Comment = fields.TryGetValue("comment", out var id)
                            ? Guid.TryParse(id, out var comment) ? comment : throw Wrong("comment", id, $"an id") : null,
                    };
                }

                section.Body = new BoundedStream(section.Body, LongestField, () => throw HttpProblemException.Invalid("",
                    FieldCode.TooLong, $"A field beside the file has at most {LongestField} bytes."));
                var field = section.AsFormDataSection();
                if (field is not { Name: "internal" or "comment" } || !fields.TryAdd(field.Name, await field.GetValueAsync(ct)))
                {
                    throw HttpProblemException.Invalid("", FieldCode.UnknownField,
                        $"A form has the part file and before it, once each, internal and comment; not {(field?.Name ?? "").Quoted}.");
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Broken(e);
        }

        throw HttpProblemException.Invalid("/file", FieldCode.Required, $"The form has no part file with a file.");

        static HttpProblemException Wrong(string field, string value, Sentence expected) =>
            HttpProblemException.Invalid($"/{field}", FieldCode.WrongFormat, $"{field} can't be {value.Quoted}: {expected}.");
    }

    /// <summary>Refuses a form with more parts after the file, which has been read.</summary>
    /// <exception cref="HttpProblemException">400.</exception>
    public async Task RequireEndAsync(CancellationToken ct)
    {
        try
        {
            if (_rest is not null && await _rest.ReadNextSectionAsync(ct) is not null)
            {
                throw HttpProblemException.Invalid("", FieldCode.TooMany,
                    $"A form has one file, which comes last: internal and comment stand before it.");
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Broken(e);
        }
    }

    /// <summary>What the caller gets whose body can't be read to its end.</summary>
    public static Exception Broken(Exception e) => e as BadHttpRequestException ?? (Exception)HttpProblemException.Invalid("",
        FieldCode.WrongFormat, e is InvalidDataException
            ? (Sentence)$"The body is no {Form}: {e.Message.TrimEnd('.', ' ')}."
            : $"The body ends too soon.");

    /// <summary>A name without folders, as it may be kept; null for none.</summary>
    /// <param name="name">As it was sent.</param>
    /// <param name="pointer">Where.</param>
    /// <exception cref="HttpProblemException">400: it can't be a name.</exception>
    public static string? NameOf(string? name, string pointer = "?fileName")
    {
        var last = name?[(name.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        return string.IsNullOrEmpty(last) ? null
            : last.Length > LongestName ? throw HttpProblemException.Invalid(pointer, FieldCode.TooLong,
                $"A file name has at most {LongestName} characters, not {last.Length}.")
            : last.Any(IsOdd) || last is "." or ".." ? throw HttpProblemException.Invalid(pointer, FieldCode.WrongFormat,
                $"A file can't be called {last.Quoted}.")
            : last;
    }

    // Also what turns the direction in which the rest of a name is read.
    private static bool IsOdd(char one) => char.IsControl(one) || one is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
