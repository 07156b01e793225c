using System.Text.Json.Nodes;
using Itsm.Testing;
using Microsoft.AspNetCore.Builder;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>How many files, how large, how long, and only what was looked through.</summary>
public sealed class AttachmentLimitTests(AttachmentLimitTests.Suite suite) : IClassFixture<AttachmentLimitTests.Suite>
{
    private const int MostFiles = 5;
    private const int Mebibyte = 1024 * 1024;

    [Fact]
    public async Task Of_many_at_once_no_more_are_taken_than_there_are_places()
    {
        var id = (await suite.OpenAsync()).Id;
        var answers = await Task.WhenAll(Enumerable.Range(0, 4 * MostFiles).Select(number => SendAsync(id, [(byte)number])));
        Assert.Equal(MostFiles, answers.Count(answer => (int)answer.Status == 201));
        Assert.All(answers.Where(answer => (int)answer.Status != 201), answer =>
            Assert.Equal("attachment.too-many", answer.Problem(409).Code()));
        var all = (await suite.GetAsync(Caller, $"incidents/{id}/attachments")).Ok().Items;
        Assert.Equal(MostFiles, all.Count);
        (await suite.SendAsync(Caller, HttpMethod.Delete, $"incidents/{id}/attachments/{all[0].Id}", ifMatch: "*")).Ok();
        (await SendAsync(id, [1])).Ok();
        (await SendAsync(id, [1])).Problem(409);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_is_too_large_is_refused_and_nothing_of_it_stays(bool isChunked)
    {
        var id = (await suite.OpenAsync()).Id;
        var content = new ByteArrayContent(new byte[(3 * Mebibyte) + 1]);
        using var request =
            new HttpRequestMessage(HttpMethod.Post, $"/api/v1/incidents/{id}/attachments?fileName=a.bin") { Content = content };
        request.Headers.TransferEncodingChunked = isChunked;
        using var response = await suite.As(Caller).SendAsync(request);
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Contains($"{3 * Mebibyte} bytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        (await suite.PostAsync(Caller, $"incidents/{id}/attachments/uploads", new { fileName = "a.bin", size = (3 * Mebibyte) + 1 })).Problem(413);
        Assert.Empty((await suite.GetAsync(Caller, $"incidents/{id}/attachments")).Ok().Items);
        Assert.Equal(MostFiles, (await Task.WhenAll(Enumerable.Range(0, MostFiles).Select(_ => SendAsync(id, [1])))).Count(answer =>
            (int)answer.Status == 201));
    }

    [Fact]
    public async Task What_never_comes_whole_is_given_up_and_what_an_attempt_left_behind_too()
    {
        var id = (await suite.OpenAsync()).Id;
        var begun = (await suite.PostAsync(Caller, $"incidents/{id}/attachments/uploads", new { fileName = "a.bin", size = 2 * Mebibyte })).Ok();
        var part = new ByteArrayContent(new byte[Mebibyte]);
        part.Headers.ContentRange = new(0, Mebibyte - 1, 2 * Mebibyte);
        (await suite.SendAsync(Caller, HttpMethod.Put, $"incidents/{id}/attachments/{begun.Id}/content", part)).Ok();
        var whole = (await SendAsync(id, [1, 2, 3])).Ok();
        var left = Path.Combine(FolderOf(whole.Id), "01a229b00698" + new string('0', 20));
        await System.IO.File.WriteAllBytesAsync(left, [9]);

        suite.Clock.Advance(TimeSpan.FromHours(25));
        var gone = await suite.UntilAsync(
            Caller, $"incidents/{id}/attachments/{begun.Id}", attachment => attachment.Text("state") == "removed");
        Assert.Null(gone["expiresAt"]);
        await RunningSuite.UntilAsync(
            () => Task.FromResult(System.IO.Directory.Exists(FolderOf(begun.Id)) || System.IO.File.Exists(left)), there => !there, "The end");
        using var read = await suite.As(Caller)
            .GetAsync(new Uri($"/api/v1/incidents/{id}/attachments/{whole.Id}/content", UriKind.Relative));
        Assert.Equal([1, 2, 3], await read.Content.ReadAsByteArrayAsync());
    }

    private Task<Answer> SendAsync(string id, byte[] content) =>
        suite.SendAsync(Caller, HttpMethod.Post, $"incidents/{id}/attachments?fileName=a.bin", new ByteArrayContent(content));

    private string FolderOf(string attachment)
    {
        var name = attachment.Replace("-", "", StringComparison.Ordinal);
        return Path.Combine(suite.Data, "incidents.blobs", name[^2..], name);
    }

    /// <summary>Few places, small files.</summary>
    public sealed class Suite : IncidentsSuite
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Configuration["Attachments:MostFiles"] = $"{MostFiles}";
            builder.Configuration["Attachments:MostBytes"] = $"{3 * Mebibyte}";
        }
    }
}
