using System.Text.Json;
using Itsm.Platform.Aggregates;
using Itsm.Ticketing;
using Itsm.Ticketing.Forms;

namespace Itsm.Requests.Tests;

public sealed class FormTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Theory]
    [InlineData("""{"type":"string"}""", "\"x\"", null)]
    [InlineData("""{"type":"string"}""", "1", "must be of type string")]
    [InlineData("""{"type":"string"}""", "\"a\\u0000b\"", "NUL")]
    [InlineData("""{"type":"string","minLength":3}""", "\"ab\"", "at least 3")]
    [InlineData("""{"type":"string","maxLength":3}""", "\"abcd\"", "at most 3")]
    // characters, not their halves
    [InlineData("""{"type":"string","minLength":3,"maxLength":3}""", "\"\uD83D\uDE00\uD83D\uDE00\uD83D\uDE00\"", null)]
    [InlineData("""{"type":"string","enum":["a","b"]}""", "\"c\"", "one of: a, b")]
    [InlineData("""{"type":"string","enum":["a","b"]}""", "\"b\"", null)]
    [InlineData("""{"type":"string","pattern":"^[A-Z]+$"}""", "\"ABC\"", null)]
    [InlineData("""{"type":"string","pattern":"^[A-Z]+$"}""", "\"abc\"", "must match")]
    [InlineData("""{"type":"string","pattern":"^(a+)+$"}""", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"", "must match")]
    [InlineData("""{"type":"string","format":"date"}""", "\"2028-02-29\"", null)]
    [InlineData("""{"type":"string","format":"date"}""", "\"2027-02-29\"", "must be a date")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-01-31T08:00:00Z\"", null)]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-01-31 08:00\"", "must be an instant")]
    [InlineData("""{"type":"string","format":"email"}""", "\"a@b.org\"", null)]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-01-31T08:00:00.5+02:00\"", null)]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2026-01-31T08:00:00\"", "must be an instant")]
    [InlineData("""{"type":"string","format":"email"}""", "\"a.b.org\"", "mail address")]
    [InlineData("""{"type":"string","format":"email"}""", "\"Bob <a@b.org>\"", "mail address")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"/etc/passwd\"", "must be an address")]
    [InlineData("""{"type":"integer","maximum":-1}""", "-1", null)]
    [InlineData("""{"type":"string","format":"uri"}""", "\"javascript:alert(1)\"", "must be an address")]
    [InlineData("""{"type":"string","format":"email"}""", "\"a@b.org, d@e.org\"", "mail address")]
    [InlineData("""{"type":"string","pattern":"^[A-Z]{3}$"}""", "\"ABC\\n\"", "must match")]
    [InlineData("""{"type":"array","items":{"type":"string"},"uniqueItems":true}""", "[\"a\",\"\\u0061\"]", "has an item twice")]
    [InlineData("""{"type":"string","format":"uri"}""", "\"https://example.org\"", null)]
    [InlineData("""{"type":"string","format":"uri"}""", "\"example\"", "must be an address")]
    [InlineData("""{"type":"integer"}""", "3", null)]
    [InlineData("""{"type":"integer"}""", "3.5", "whole number")]
    [InlineData("""{"type":"integer","minimum":1}""", "0", "at least 1")]
    [InlineData("""{"type":"number","maximum":1.5}""", "1.5", null)]
    [InlineData("""{"type":"number","maximum":1.5}""", "1.6", "at most 1.5")]
    [InlineData("""{"type":"number"}""", "\"1\"", "must be of type number")]
    [InlineData("""{"type":"number"}""", "1e999", "too large")]
    [InlineData("""{"type":"string"}""", "\"\\ud800\"", "not valid text")]
    [InlineData("""{"type":"string","format":"date"}""", "\"9999-12-31\"", "must be a date")]
    [InlineData("""{"type":"string","format":"date"}""", "\"0001-01-01\"", "must be a date")]
    [InlineData("""{"type":"boolean"}""", "true", null)]
    [InlineData("""{"type":"boolean"}""", "\"true\"", "must be of type boolean")]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "[\"a\"]", null)]
    [InlineData("""{"type":"array","items":{"type":"string"}}""", "\"a\"", "must be of type array")]
    [InlineData("""{"type":"array","items":{"type":"string","maxLength":1}}""", "[\"a\",\"bb\"]", "an item that must have at most 1")]
    [InlineData("""{"type":"array","items":{"type":"string"},"minItems":1}""", "[]", "at least 1")]
    [InlineData("""{"type":"array","items":{"type":"string"},"maxItems":1}""", "[\"a\",\"b\"]", "at most 1")]
    [InlineData("""{"type":"array","items":{"type":"string"},"uniqueItems":true}""", "[\"a\",\"a\"]", "twice")]
    public void An_answer_fits_its_question_or_the_refusal_says_why(string question, string answer, string? refusal)
    {
        var schema = JsonSerializer.Deserialize<Question>(question, Json)!;
        schema.Check("/form");
        var why = schema.WhyNot(JsonDocument.Parse(answer).RootElement)?.Why.ToString();
        Assert.True(refusal is null ? why is null : why?.Contains(refusal, StringComparison.Ordinal) == true, why ?? "It was taken.");
    }

    [Theory]
    [InlineData("""{"type":"text"}""", "/form/type")]
    [InlineData("""{"type":"integer","minLength":1}""", "/form/minLength")]
    [InlineData("""{"type":"string","minimum":1}""", "/form/minimum")]
    [InlineData("""{"type":"string","items":{"type":"string"}}""", "/form/items")]
    [InlineData("""{"type":"string","format":"ipv4"}""", "/form/format")]
    [InlineData("""{"type":"string","pattern":"("}""", "/form/pattern")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "/form/pattern")]
    [InlineData("""{"type":"string","enum":[]}""", "/form/enum")]
    [InlineData("""{"type":"string","enum":["a","a"]}""", "/form/enum")]
    [InlineData("""{"type":"array"}""", "/form/items")]
    [InlineData("""{"type":"array","items":{"type":"integer"}}""", "/form/items")]
    [InlineData("""{"type":"array","items":{"type":"string","format":"person"}}""", "/form/items")]
    [InlineData("""{"type":"string","maxLength":-1}""", "/form")]
    [InlineData("""{"type":"array","items":{"type":"string"},"maxItems":1000}""", "/form")]
    public void A_question_that_makes_no_sense_is_refused(string question, string place) =>
        Assert.Equal(place,
            Assert.Throws<InvalidValueException>(() => JsonSerializer.Deserialize<Question>(question, Json)!.Check("/form")).Pointer);

    [Theory]
    [InlineData("""{"properties":{"Model":{"type":"string"}}}""", "/form/properties/Model")]
    [InlineData("""{"type":"array","properties":{}}""", "/form")]
    [InlineData("""{"required":["model"]}""", "/form/required")]
    [InlineData("""{"properties":{"a":{"type":"string","visibleWhen":[{"field":"b","present":true}]},"b":{"type":"string"}}}""",
        "/form/properties/a/visibleWhen/0/field")]
    [InlineData("""{"properties":{"a":{"type":"string"},"b":{"type":"string","visibleWhen":[{"field":"a"}]}}}""",
        "/form/properties/b/visibleWhen/0")]
    [InlineData("""{"properties":{"a":{"type":"string"},"b":{"type":"string","visibleWhen":[{"field":"a","present":true,"in":["x"]}]}}}""",
        "/form/properties/b/visibleWhen/0")]
    public void A_form_that_makes_no_sense_is_refused(string form, string place) =>
        Assert.Equal(place,
            Assert.Throws<InvalidValueException>(() => JsonSerializer.Deserialize<Form>(form, Json)!.Check("/form")).Pointer);

    [Fact]
    public void Every_wrong_answer_is_named()
    {
        var form = JsonSerializer.Deserialize<Form>("""
            {"properties":{"model":{"type":"string","enum":["a","b"]},"why":{"type":"string","visibleWhen":[{"field":"model","in":["b"]}]},"count":{"type":"integer"}},"required":["model","why","count"]}
            """, Json)!;
        Assert.Equal(["/answers/colour", "/answers/model", "/answers/why", "/answers/count"],
            Wrong(form, """{"model":"c","colour":"red","why":"x"}"""));
        Assert.Equal(["/answers/why"], Wrong(form, """{"model":"b","count":1}"""));
        Assert.Empty(Wrong(form, """{"model":"a","count":1}"""));
        Assert.Empty(Wrong(form, """{"model":"b","why":"x","count":1}"""));
        Assert.Equal(["/answers/why"], Wrong(form, """{"model":"a","why":"x","count":1}"""));
        Assert.Equal(3, form.Read(Given("""{"model":"b","why":"x","count":1}"""), new FieldValues(), "/answers").Answers.Count);
        Assert.Single(form.Read(Given("""{"count":1}"""), new FieldValues(), "/answers", whole: false).Answers);
    }

    private static IEnumerable<string> Wrong(Form form, string answers) =>
        form.Read(Given(answers), new FieldValues(), "/answers").Errors.Select(error => error.Pointer);

    private static Dictionary<string, JsonElement> Given(string json) => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json)!;
}
