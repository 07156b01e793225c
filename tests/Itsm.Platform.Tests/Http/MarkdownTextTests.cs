using CsCheck;
using Itsm.Platform.Http;

namespace Itsm.Platform.Tests.Http;

public sealed class MarkdownTextTests
{
    [Theory]
    [InlineData("[x](javascript:alert(1))", "<p><a rel=\"noopener noreferrer\">x</a></p>")]
    [InlineData("[x](data:text/html,1)", "<p><a rel=\"noopener noreferrer\">x</a></p>")]
    [InlineData("![x](https://example.org/pixel.png)", "<p><a href=\"https://example.org/pixel.png\" rel=\"noopener noreferrer\">x</a></p>")]
    [InlineData("see https://example.org", "<p>see <a href=\"https://example.org\" rel=\"noopener noreferrer\">https://example.org</a></p>")]
    [InlineData("one\ntwo", "<p>one<br>\ntwo</p>")]
    [InlineData("`<b>`", "<p><code>&lt;b&gt;</code></p>")]
    [InlineData("~~no~~", "<p><del>no</del></p>")]
    public void Links_lead_to_pages_and_nothing_is_fetched_or_run(string markdown, string html) =>
        Assert.Equal(html, MarkdownText.ToHtml(markdown));

    [Theory]
    [InlineData(">", 200)]
    [InlineData("[", 130)]
    [InlineData("- ", 100)]
    [InlineData("|", 31_900)]
    [InlineData("*a_", 3_000)]
    public void What_is_no_text_but_marks_is_shown_as_it_is_written(string mark, int times)
    {
        var text = string.Concat(Enumerable.Repeat(mark, times)) + "a";
        Assert.StartsWith("<pre>", MarkdownText.ToHtml(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[a](//example.org)")]
    [InlineData("[a](x)")]
    [InlineData("[a](/x)")]
    public void Links_into_the_page_lead_nowhere(string text) =>
        Assert.Equal("<p><a rel=\"noopener noreferrer\">a</a></p>", MarkdownText.ToHtml(text));

    [Fact]
    public void Whatever_is_written_no_element_comes_of_it_that_runs_or_fetches()
    {
        string[] parts = ["<", ">", "\"", "'", "javascript:", "[a](", ")", "![", "](", "<img src=x onerror=y>", "<svg/onload=z>", "&#106;", "\n",
            "`", "<a href=\"javascript:1\">", "| a |\n|-|", "http://x", "onclick=", "\t", " ", "a", "</p>", "<!--", "-->"];
        Gen.Int[0, parts.Length - 1].Select(at => parts[at]).Array[0, 20].Select(chosen => string.Concat(chosen)).Sample(text =>
        {
            var html = MarkdownText.ToHtml(text);
            Assert.DoesNotMatch("(?i)<(script|img|svg|iframe|object|style|link)", html);
            Assert.DoesNotMatch("(?i)<[^>]*\\son\\w+=", html);
            Assert.DoesNotMatch("(?i)<[^>]*href=\"(?!https?:|mailto:)[a-z]+:", html);
        });
    }
}
