using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Tests.Http;

public sealed class RequestTests
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    [Fact]
    public async Task Each_wrong_value_is_pointed_at()
    {
        var errors = await CheckAsync(new Request
        {
            Title = "x", Note = new Optional<string>("far too long"), Parts = [new Part { Name = "ok" }, new Part { Name = "" }],
            Only = new Part { Name = "\0ab" }, Tags = ["a", null!],
        });
        Assert.Equal(
        [
            ("/title", FieldCode.TooShort, "title must have 3 to 20 characters, not 1."),
            ("/note", FieldCode.TooLong, "note must have at most 5 characters, not 12."),
            ("/parts/1/name", FieldCode.Blank, "name is blank."),
            ("/only/name", FieldCode.WrongFormat, "name has a NUL character."),
            ("/tags/1", FieldCode.Required, "tags has a null in it."),
        ], errors.Select(error => (error.Pointer, error.Code, error.Message.ToString())));
    }

    [Fact]
    public async Task Each_attribute_has_its_code_and_its_sentence() => Assert.Equal(
    [
        ("/key", FieldCode.WrongFormat, "key can't be \"My Key\": lower-case letters."),
        ("/rank", FieldCode.OutOfRange, "rank must be 1 to 5, not 6."),
        ("/few", FieldCode.TooFew, "few must have at least 1 items, not 0."),
        ("/many", FieldCode.TooMany, "many must have at most 1 items, not 2."),
        ("/mail", FieldCode.WrongFormat, "mail can't be \"\": a mail address."),
        ("/absent", FieldCode.Required, "absent is required."),
    ], (await CheckAsync(new Marked("My Key", 6, [], ["a", "b"], "", null)))
        .Select(error => (error.Pointer, error.Code, error.Message.ToString())));

    [Fact]
    public async Task What_is_right_or_absent_passes()
    {
        Assert.Empty(await CheckAsync(new Request { Title = "long enough" }));
        Assert.Empty(await CheckAsync(new Request { Title = "long enough", Note = new Optional<string>(null), Parts = [] }));
        Assert.Empty(await CheckAsync("text", 7, null!));
    }

    [Fact]
    public void A_patch_tells_absent_from_null_from_value()
    {
        var absent = JsonSerializer.Deserialize<Request>("""{"title":"t"}""", Web)!;
        var empty = JsonSerializer.Deserialize<Request>("""{"title":"t","note":null,"count":null}""", Web)!;
        var full = JsonSerializer.Deserialize<Request>("""{"title":"t","note":"n","count":7}""", Web)!;
        Assert.Equal((false, null, false, null), (absent.Note.IsPresent, absent.Note.Value, absent.Count.IsPresent, absent.Count.Value));
        Assert.Equal((true, null, true, null), (empty.Note.IsPresent, empty.Note.Value, empty.Count.IsPresent, empty.Count.Value));
        Assert.Equal((true, "n", true, 7), (full.Note.IsPresent, full.Note.Value, full.Count.IsPresent, full.Count.Value));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Request>("""{"title":"t","count":"x"}""", Web));
        absent.Note.IfPresent(_ => Assert.Fail("It is absent."));
        var set = "unset";
        empty.Note.IfPresent(value => set = value);
        Assert.Null(set);
        Assert.Equal("\"n\"", JsonSerializer.Serialize(full.Note, Web));
    }

    private static async Task<IReadOnlyList<FieldError>> CheckAsync(params object?[] arguments)
    {
        try
        {
            var result = await RequestValidation.FilterAsync(new DefaultEndpointFilterInvocationContext(
                new DefaultHttpContext(), arguments), _ => ValueTask.FromResult<object?>("handled"));
            Assert.Equal("handled", result);
            return [];
        }
        catch (HttpProblemException e)
        {
            Assert.Equal(400, e.Problem.Status);
            return e.Problem.Errors!;
        }
    }

    public sealed record Request
    {
        [Required, StringLength(20, MinimumLength = 3)]
        public required string Title { get; init; }

        [StringLength(5)]
        public Optional<string> Note { get; init; }

        public Optional<int?> Count { get; init; }

        public IReadOnlyList<Part>? Parts { get; init; }

        public Part? Only { get; init; }

        public IReadOnlyList<string>? Tags { get; init; }
    }

    public sealed record Marked(
        [property: RegularExpression("^[a-z]+$", ErrorMessage = "lower-case letters")] string Key, [property: Range(1, 5)] int Rank,
        [property: MinLength(1)] IReadOnlyList<string> Few, [property: MaxLength(1)] IReadOnlyList<string> Many,
        [property: EmailAddress] string Mail, [property: Required] string? Absent);

    public sealed record Part
    {
        [Required, StringLength(5, MinimumLength = 1)]
        public required string Name { get; init; }
    }
}
