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

    [Theory]
    [InlineData("`@ann` @bob", "`````` @bob")]
    [InlineData("``a ` @ann`` @bob", "```````````` @bob")]
    [InlineData("`@ann @bob", "`@ann @bob")]
    [InlineData("a `b\n@ann` @bob", "a ```````` @bob")]
    [InlineData("~~~\n@ann\n~~~\n@bob", "~~~\n````\n~~~\n@bob")]
    [InlineData("text\n    @bob", "text\n    @bob")]
    [InlineData("\\`@bob\\`", "\\`@bob\\`")]
    [InlineData("```\n```", "```\n```")]
    [InlineData("```", "```")]
    [InlineData("@bob\n\n~~~", "@bob\n\n~~~")]
    public void Code_is_masked_and_nothing_else(string markdown, string masked) => Assert.Equal(masked, MarkdownText.MaskCode(markdown));

    [Fact]
    public void Whatever_stands_beside_code_it_is_masked_and_the_rest_stays_in_its_place()
    {
        string[] prose =
        [
            "see @bob", "*well* (@bob), no", "# @bob", "- @bob\n- and", "> @bob", "@bob [x](https://example.org)", "| - | @bob",
        ];
        string[] code =
        [
            "```\n@ann ` | *\n```", "~~~ sh\n@ann\n\n@ann\n~~~", "`@ann`", "a ``@ann ` x`` b", "> ```\n> @ann", "- ~~~\n  @ann\n  ~~~",
        ];
        Gen.Int[0, prose.Length + code.Length - 1].Array[1, 8].Sample(chosen =>
        {
            var text = string.Join("\n\n", chosen.Select(at => at < prose.Length ? prose[at] : code[at - prose.Length]));
            var masked = MarkdownText.MaskCode(text);
            Assert.Equal(text.Length, masked.Length);
            Assert.All(text.Zip(masked), pair => Assert.True(pair.First == pair.Second || pair.Second == '`'));
            Assert.Equal(chosen.Count(at => at < prose.Length), masked.Split("@bob").Length - 1);
            Assert.DoesNotContain("@ann", masked, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("text\n\n    @ann\n\n\t@ann\n\n@bob", 0)]
    [InlineData("@bob\n```\n[@ann\n```", 2_000)]
    [InlineData("@bob\n```\n[@ann", 2_000)]
    public void Code_of_many_lines_is_masked_however_much_there_is(string text, int marks)
    {
        var masked = MarkdownText.MaskCode(text.Replace("[", new string('[', marks), StringComparison.Ordinal));
        Assert.DoesNotContain("@ann", masked, StringComparison.Ordinal);
        Assert.Contains("@bob", masked, StringComparison.Ordinal);
    }

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
