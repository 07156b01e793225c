using Itsm.Testing;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Texts in Markdown, kept as written and shown as HTML that does no harm.</summary>
public sealed class MarkdownTests(IncidentsSuite suite)
{
    [Fact]
    public async Task A_text_is_kept_as_written_and_shown_as_HTML_where_that_is_asked_for()
    {
        const string text = "It **burns**:\n- floor 2 <script>alert(1)</script>";
        const string html = "<p>It <strong>burns</strong>:</p>\n<ul>\n<li>floor 2 &lt;script&gt;alert(1)&lt;/script&gt;</li>\n</ul>";
        var id = (await suite.OpenAsync(Caller, new { title = "Fire", description = text })).Id;
        await suite.CommentAsync(id, Agent, text);
        var read = (await suite.GetAsync(Caller, $"incidents/{id}?render=html")).Ok();
        Assert.Equal((text, html), (read.Text("description"), read["rendered"]!["description"]!.GetValue<string>()));
        Assert.Null((await suite.ReadAsync(id))["rendered"]);
        Assert.Empty((await suite.GetAsync(Caller, $"incidents/{id}?render=html&fields=title")).Ok()["rendered"]!.AsObject());
        var comment = (await suite.GetAsync(Caller, $"incidents/{id}/comments?render=html")).Ok().Items.Single();
        Assert.Equal((text, html), (comment.Text("text"), comment["rendered"]!["text"]!.GetValue<string>()));
        (await suite.GetAsync(Caller, $"incidents/{id}?render=pdf")).Problem(400);
    }
}
