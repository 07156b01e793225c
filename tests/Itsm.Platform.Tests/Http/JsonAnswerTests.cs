using System.Text.Json;
using CsCheck;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Tests.Http;

public sealed class JsonAnswerTests
{
    [Fact]
    public Task Answers_of_any_size_are_sent_whole_with_their_length_while_others_are_sent() =>
        Gen.Int[0, 200_000].SampleAsync(async length =>
        {
            var context = new DefaultHttpContext();
            using var body = new MemoryStream();
            context.Response.Body = body;
            var text = new string((char)('a' + (length % 26)), length);
            await JsonAnswer.SendAsync(context.Response, writer => Write(writer, text), 16);
            Assert.Equal(body.Length, context.Response.ContentLength);
            Assert.Equal(text, JsonDocument.Parse(body.ToArray()).RootElement.GetProperty("text").GetString());
        }, iter: 300);

    [Fact]
    public void What_failed_half_way_leaves_nothing_to_the_next_answer()
    {
        Assert.Throws<FormatException>(() => JsonAnswer.ToBytes(writer =>
        {
            Write(writer, "half");
            throw new FormatException();
        }));
        Assert.Equal("""{"text":"whole"}"""u8, JsonAnswer.ToBytes(writer => Write(writer, "whole")));
    }

    private static void Write(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
    }
}
