using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Itsm.Incidents.Domain;
using Itsm.Testing;
using Itsm.Ticketing.Attachments;
using SkiaSharp;
using static Itsm.Incidents.Tests.Shortcuts;

namespace Itsm.Incidents.Tests;

/// <summary>Files on tickets.</summary>
public sealed class AttachmentTests(IncidentsSuite suite)
{
    private const int Mebibyte = 1024 * 1024;
    private static readonly byte[] Screenshot = Picture(1200, 800, SKEncodedImageFormat.Png);
    private static readonly byte[] Large = [.. Enumerable.Range(0, (2 * Mebibyte) + 5).Select(number => (byte)(number % 251))];

    [Fact]
    public async Task A_file_is_kept_as_it_was_sent_and_told_by_its_content()
    {
        var id = (await suite.OpenAsync()).Id;
        var sent = await SendAsync(Caller, id, "Bild schirm.exe", Screenshot);
        Assert.Equal(("image/png", "Bild schirm.exe", "available", "notScanned", Screenshot.Length),
            (sent.Text("mediaType"), sent.Text("fileName"), sent.Text("state"), sent.Text("scan"), sent["size"]!.GetValue<int>()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Screenshot)), sent.Text("sha256"));
        Assert.Equal((1200, 800), (sent["image"]!["width"]!.GetValue<int>(), sent["image"]!["height"]!.GetValue<int>()));

        using var read = await DownloadAsync(Agent, id, sent.Id, "content");
        Assert.Equal(Screenshot, await read.Content.ReadAsByteArrayAsync());
        var headers = read.Content.Headers;
        Assert.Equal(("image/png", "attachment", "Bild schirm.exe"),
            (headers.ContentType!.MediaType, headers.ContentDisposition!.DispositionType, headers.ContentDisposition.FileNameStar));
        Assert.Equal("nosniff", read.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("default-src 'none'", read.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        using var again = await DownloadAsync(Agent, id, sent.Id, "content",
            request => request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(read.Headers.ETag!.Tag)));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        using var range = await DownloadAsync(Agent, id, sent.Id, "content",
            request => request.Headers.Range = new RangeHeaderValue(100, 199));
        Assert.Equal(HttpStatusCode.PartialContent, range.StatusCode);
        Assert.Equal(Screenshot[100..200], await range.Content.ReadAsByteArrayAsync());
        using var beyond = await DownloadAsync(Agent, id, sent.Id, "content",
            request => request.Headers.Range = new RangeHeaderValue(Screenshot.Length, null));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, beyond.StatusCode);

        using var small = await DownloadAsync(Agent, id, sent.Id, "thumbnail");
        using var picture = SKBitmap.Decode(await small.Content.ReadAsByteArrayAsync());
        Assert.Equal(("image/webp", 320, 213), (small.Content.Headers.ContentType!.MediaType, picture.Width, picture.Height));
        Assert.Equal([sent.Id], (await ListAsync(Agent, id)).Select(one => one.Id));
    }

    [Fact]
    public async Task A_form_brings_a_file_too()
    {
        var id = (await suite.OpenAsync()).Id;
        using var form = new MultipartFormDataContent
        {
            { new StringContent("false"), "internal" }, { new ByteArrayContent(Encoding.UTF8.GetBytes("a;b\r\n1;2\r\n")), "file", "C:\\tmp\\figures.csv" },
        };
        var sent = (await suite.SendAsync(Caller, HttpMethod.Post, $"incidents/{id}/attachments", form)).Ok();
        Assert.Equal(("figures.csv", "text/csv", 10), (sent.Text("fileName"), sent.Text("mediaType"), sent["size"]!.GetValue<int>()));
        Assert.Null(sent["image"]);
        using var none = await DownloadAsync(Caller, id, sent.Id, "thumbnail");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task What_belongs_to_a_note_is_read_by_those_who_read_the_note()
    {
        var id = (await suite.OpenAsync()).Id;
        var note = await suite.CommentAsync(id, Agent, "See the dump.", @internal: true);
        var inNote = await SendAsync(Agent, id, "dump.txt", "secrets"u8.ToArray(), $"&comment={note.Id}");
        var inner = await SendAsync(Agent, id, "inner.txt", "secrets"u8.ToArray(), "&internal=true");
        var open = await SendAsync(Agent, id, "open.txt", "hello"u8.ToArray());
        Assert.True(inNote["internal"]!.GetValue<bool>());
        Assert.Equal([inNote.Id, inner.Id, open.Id], (await ListAsync(Agent, id)).Select(one => one.Id));
        Assert.Equal([inNote.Id], (await ListAsync(Agent, id, $"?comment={note.Id}")).Select(one => one.Id));
        Assert.Equal([open.Id], (await ListAsync(Caller, id)).Select(one => one.Id));
        foreach (var hidden in new[] { inNote.Id, inner.Id })
        {
            (await suite.GetAsync(Caller, $"incidents/{id}/attachments/{hidden}")).Problem(404);
            (await suite.GetAsync(Caller, $"incidents/{id}/attachments/{hidden}/content")).Problem(404);
            (await suite.SendAsync(Caller, HttpMethod.Delete, $"incidents/{id}/attachments/{hidden}", ifMatch: "*")).Problem(404);
        }

        // Who does not see the ticket sees nothing of it.
        (await suite.GetAsync(Other, $"incidents/{id}/attachments")).Problem(404);
        (await suite.GetAsync(Other, $"incidents/{id}/attachments/{open.Id}/content")).Problem(404);
        Assert.Equal("permission-missing", (await TryAsync(Caller, id, "x.txt", [1], "&internal=true")).Problem(403).Code());

        var theirs = await suite.CommentAsync(id, Caller);
        foreach (var (comment, more) in new[] { (theirs.Id, ""), (note.Id, "&internal=false"), (Guid.Empty.ToString(), "") })
        {
            (await TryAsync(Agent, id, "x.txt", [1], $"&comment={comment}{more}")).Problem(400);
        }
    }

    [Fact]
    public async Task Files_go_where_the_ticket_goes()
    {
        var (id, into) = ((await suite.OpenAsync()).Id, (await suite.OpenAsync()).Id);
        var sent = await SendAsync(Caller, id, "one.txt", "1"u8.ToArray());
        await suite.DoAsync(id, "merge", new { into, reason = "The same." });
        var shown = await RunningSuite.UntilAsync(() => ListAsync(Caller, into), list => list.Count > 0, "The file of what was merged");
        Assert.Equal([sent.Id], shown.Select(one => one.Id));
        using var read = await DownloadAsync(Caller, into, sent.Id, "content");
        Assert.Equal("1", await read.Content.ReadAsStringAsync());
        Assert.Equal(into, (await SendAsync(Caller, id, "two.txt", "2"u8.ToArray())).Text("ticket"));

        await suite.ResolveAsync(into);
        await suite.DoAsync(into, "close");
        Assert.Equal("ticket.ended", (await TryAsync(Caller, into, "late.txt", [1])).Problem(409).Code());
    }

    [Fact]
    public async Task A_large_file_comes_in_parts_and_goes_on_where_it_broke_off()
    {
        var id = (await suite.OpenAsync()).Id;
        var begun = (await suite.PostAsync(Caller, $"incidents/{id}/attachments/uploads", new { fileName = "trace.bin", size = Large.Length }))
            .Ok();
        Assert.Equal(("receiving", 0), (begun.Text("state"), begun["received"]!.GetValue<int>()));
        Assert.Equal(Mebibyte, (await PartAsync(Caller, id, begun.Id, 0, Mebibyte)).Ok()["received"]!.GetValue<int>());

        // Of what is not whole only its author knows; and they alone send it.
        Assert.Empty(await ListAsync(Caller, id));
        (await suite.GetAsync(Agent, $"incidents/{id}/attachments/{begun.Id}")).Problem(404);
        (await suite.GetAsync(Caller, $"incidents/{id}/attachments/{begun.Id}/content")).Problem(404);
        (await PartAsync(Agent, id, begun.Id, Mebibyte, Mebibyte)).Problem(404);

        Assert.Equal("attachment.offset", (await PartAsync(Caller, id, begun.Id, 0, Mebibyte)).Problem(409).Code());
        (await PartAsync(Caller, id, begun.Id, Mebibyte, Mebibyte - 1)).Problem(400);
        (await PartAsync(Caller, id, begun.Id, Mebibyte, Mebibyte, total: Large.Length + 1)).Problem(400);
        (await PartAsync(Caller, id, begun.Id, Mebibyte, Mebibyte, body: new byte[Mebibyte - 1])).Problem(400);
        (await PartAsync(Caller, id, begun.Id, Mebibyte, Mebibyte, body: new byte[Mebibyte + 1])).Problem(400);
        (await suite.SendAsync(Caller, HttpMethod.Put, $"incidents/{id}/attachments/{begun.Id}/content", new ByteArrayContent([1]))).Problem(400);

        // The same part twice at once: one is taken.
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => PartAsync(Caller, id, begun.Id, Mebibyte, Mebibyte)));
        Assert.Equal([200, 409], both.Select(answer => (int)answer.Status).Order());
        Assert.Equal(2 * Mebibyte, (await suite.GetAsync(Caller, $"incidents/{id}/attachments/{begun.Id}")).Ok()["received"]!.GetValue<int>());
        var whole = (await PartAsync(Caller, id, begun.Id, 2 * Mebibyte, 5)).Ok();
        Assert.Equal(("available", Convert.ToHexStringLower(SHA256.HashData(Large))), (whole.Text("state"), whole.Text("sha256")));
        Assert.Equal("attachment.complete", (await PartAsync(Caller, id, begun.Id, 0, Mebibyte)).Problem(409).Code());

        using var read = await DownloadAsync(Agent, id, begun.Id, "content");
        Assert.Equal(Large, await read.Content.ReadAsByteArrayAsync());
        using var across = await DownloadAsync(Agent, id, begun.Id, "content",
            request => request.Headers.Range = new RangeHeaderValue(Mebibyte - 3, Mebibyte + 3));
        Assert.Equal(Large[(Mebibyte - 3)..(Mebibyte + 4)], await across.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task What_was_begun_before_a_ticket_ended_is_not_finished_after()
    {
        var id = (await suite.OpenAsync()).Id;
        var begun = (await suite.PostAsync(Caller, $"incidents/{id}/attachments/uploads", new { fileName = "a.bin", size = Large.Length })).Ok();
        await suite.DoAsync(id, "cancel", new { reason = "By mistake." });
        Assert.Equal("ticket.ended", (await PartAsync(Caller, id, begun.Id, 0, Mebibyte)).Problem(409).Code());
    }

    [Fact]
    public async Task An_image_that_is_too_large_to_decode_has_its_size_and_no_picture()
    {
        var id = (await suite.OpenAsync()).Id;
        var sent = await SendAsync(Caller, id, "wall.png", Picture(4_200, 4_200, SKEncodedImageFormat.Png));
        Assert.Equal(4_200, sent["image"]!["width"]!.GetValue<int>());
        using var none = await DownloadAsync(Caller, id, sent.Id, "thumbnail");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task A_file_that_was_stored_is_answered_again_also_where_no_more_could_come()
    {
        var id = (await suite.OpenAsync()).Id;
        var key = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var first = (await TryAsync(Caller, id, "a.txt", [1], key: key)).Ok();
        await suite.DoAsync(id, "cancel", new { reason = "By mistake." });
        Assert.Equal(first.Id, (await TryAsync(Caller, id, "a.txt", [1], key: key)).Ok().Id);
        (await TryAsync(Caller, id, "a.txt", [2], key: key)).Problem(422);
        (await TryAsync(Caller, id, "a.txt", [1])).Problem(409);
    }

    [Fact]
    public async Task A_repeated_request_attaches_once_and_another_with_its_key_is_refused()
    {
        var id = (await suite.OpenAsync()).Id;
        var key = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => TryAsync(Caller, id, "a.txt", Large, key: key)));
        Assert.Single(answers.Select(answer => answer.Ok().Id).Distinct());
        Assert.Equal(3, answers.Count(answer => answer.Headers.ContainsKey("Idempotent-Replayed")));
        Assert.Equal("idempotency-key-reused", (await TryAsync(Caller, id, "a.txt", [1], key: key)).Problem(422).Code());
        Assert.Single(await ListAsync(Caller, id));
    }

    [Fact]
    public async Task A_removed_file_is_gone_and_what_it_was_is_still_known()
    {
        var id = (await suite.OpenAsync()).Id;
        var sent = await SendAsync(Caller, id, "oops.png", Screenshot);
        var theirs = await SendAsync(Agent, id, "answer.txt", "hello"u8.ToArray());
        var folder = FolderOf(sent.Id);
        Assert.Equal(2, System.IO.Directory.GetFiles(folder).Length);
        (await suite.SendAsync(Caller, HttpMethod.Delete, $"incidents/{id}/attachments/{theirs.Id}", ifMatch: "*")).Problem(403);
        (await suite.SendAsync(Caller, HttpMethod.Delete, $"incidents/{id}/attachments/{sent.Id}")).Problem(428);
        var removed = (await suite.SendAsync(Caller, HttpMethod.Delete, $"incidents/{id}/attachments/{sent.Id}", ifMatch: sent.Tag)).Ok();
        Assert.Equal(("removed", "oops.png"), (removed.Text("state"), removed.Text("fileName")));
        (await suite.SendAsync(Caller, HttpMethod.Delete, $"incidents/{id}/attachments/{sent.Id}", ifMatch: "*")).Problem(409);
        Assert.Contains("removed", (await suite.GetAsync(Agent, $"incidents/{id}/attachments/{sent.Id}/content")).Problem(404).Text("detail"),
            StringComparison.Ordinal);
        Assert.Equal([theirs.Id], (await ListAsync(Agent, id)).Select(one => one.Id));
        await RunningSuite.UntilAsync(() => Task.FromResult(System.IO.Directory.Exists(folder)), there => !there, "The end of the content");
        (await suite.SendAsync(Agent, HttpMethod.Delete, $"incidents/{id}/attachments/{theirs.Id}", ifMatch: "*")).Ok();
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("?fileName=", 400)]
    [InlineData("?fileName=..", 400)]
    [InlineData("?fileName=a%00b", 400)]
    [InlineData("?fileName=x.txt&internal=maybe", 400)]
    [InlineData("?fileName=x.txt&comment=1", 400)]
    [InlineData("?filename=x.txt", 400)]
    public async Task A_file_without_a_proper_name_is_refused(string query, int status)
    {
        var id = (await suite.OpenAsync()).Id;
        var problem = (await suite.SendAsync(Caller, HttpMethod.Post, $"incidents/{id}/attachments{query}", new ByteArrayContent([1])))
            .Problem(status);
        Assert.NotEmpty(problem["errors"]!.AsArray());
        Assert.Empty(await ListAsync(Caller, id));
    }

    [Fact]
    public async Task The_fields_of_a_form_count_and_others_are_refused()
    {
        var id = (await suite.OpenAsync()).Id;
        var comment = await suite.CommentAsync(id, Agent);
        Assert.True((await FormAsync(("internal", "true"), ("file", "x"))).Ok()["internal"]!.GetValue<bool>());
        Assert.Equal(comment.Id, (await FormAsync(("comment", comment.Id), ("file", "x"))).Ok().Text("comment"));
        (await FormAsync(("internal", "perhaps"), ("file", "x"))).Problem(400);
        (await FormAsync(("note", "x"), ("file", "x"))).Problem(400);
        (await FormAsync(("internal", new string('x', 5_000)), ("file", "x"))).Problem(400);
        (await FormAsync(("file", "x"), ("internal", "true"))).Problem(400);
        (await FormAsync(("file", "x"), ("file", "y"))).Problem(400);
        Assert.Equal(2, (await ListAsync(Agent, id)).Count);

        Task<Answer> FormAsync(params (string Name, string Value)[] parts)
        {
            var form = new MultipartFormDataContent();
            foreach (var (name, value) in parts)
            {
                if (name == "file")
                {
                    form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(value)), name, "a.txt");
                }
                else
                {
                    form.Add(new StringContent(value), name);
                }
            }

            return suite.SendAsync(Agent, HttpMethod.Post, $"incidents/{id}/attachments", form);
        }
    }

    [Fact]
    public async Task A_form_that_is_none_or_has_no_file_is_refused()
    {
        var id = (await suite.OpenAsync()).Id;
        foreach (var (type, body) in new[]
        {
            ("multipart/form-data", "x"), ("multipart/form-data; boundary=b", "x"), ("multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--\r\n"),
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nbroken off"),
        })
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            (await suite.SendAsync(Caller, HttpMethod.Post, $"incidents/{id}/attachments", content)).Problem(400);
        }

        Assert.Empty(await ListAsync(Caller, id));
    }

    [Fact]
    public async Task Programs_are_not_taken()
    {
        var id = (await suite.OpenAsync()).Id;
        var problem = (await TryAsync(Caller, id, "holiday.jpg", [.. "MZ"u8, .. new byte[200]])).Problem(409);
        Assert.Equal("attachment.type-refused", problem.Code());
        Assert.Contains("holiday.jpg", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Empty(await ListAsync(Caller, id));
    }

    [Theory]
    [MemberData(nameof(Beginnings))]
    public void A_media_type_follows_from_the_content(string name, byte[] content, string expected) =>
        Assert.Equal(expected, MediaTypes.Of(content, name));

    public static TheoryData<string, byte[], string> Beginnings => new()
    {
        { "a.png", Screenshot, "image/png" }, { "a.txt", Picture(9, 9, SKEncodedImageFormat.Jpeg), "image/jpeg" },
        { "a", Picture(9, 9, SKEncodedImageFormat.Webp), "image/webp" }, { "a.pdf", "%PDF-1.7\n"u8.ToArray(), "application/pdf" },
        { "a.png", "<!DOCTYPE html><p>"u8.ToArray(), "text/html" }, { "a.txt", "See <script>alert(1)</script>"u8.ToArray(), "text/html" },
        { "a.svg", "<svg xmlns='http://www.w3.org/2000/svg'>"u8.ToArray(), "image/svg+xml" }, { "a", "<?xml version='1.0'?>"u8.ToArray(), "application/xml" },
        { "a.log", "Grüße\tund \u001b[1mmehr\r\n"u8.ToArray(), "text/plain" }, { "a.json", "{}"u8.ToArray(), "application/json" },
        { "a.csv", "a,b\n"u8.ToArray(), "text/csv" }, { "a.csv", "MZ;Name\r\n1;x\r\n"u8.ToArray(), "text/csv" }, { "a.exe", [.. "MZ"u8, 0x90, 0], MediaTypes.WindowsProgram },
        { "a.csv", [0, 1, 2, 3], "application/octet-stream" }, { "a", [], "text/plain" },
        { "a.docx", Archive("[Content_Types].xml", "word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
        { "a.docx", Archive("readme.txt"), "application/zip" }, { "a.txt", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("Hallo")], "text/plain" },
        { "a", [.. Encoding.UTF8.GetBytes(new string('a', 8191)), 0xC3], "text/plain" },
    };

    [Theory]
    [InlineData(SKEncodedOrigin.TopLeft, 40, 20)]
    [InlineData(SKEncodedOrigin.RightTop, 20, 40)]
    public async Task A_picture_is_shown_as_the_camera_was_held(SKEncodedOrigin held, int width, int height)
    {
        var picture = Picture(40, 20, SKEncodedImageFormat.Jpeg);
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)held, 0, 0, 0, 0, 0, 0];
        var id = (await suite.OpenAsync()).Id;
        var sent = await SendAsync(Caller, id, "photo.jpg", [.. picture[..2], .. exif, .. picture[2..]]);
        Assert.Equal((width, height), (sent["image"]!["width"]!.GetValue<int>(), sent["image"]!["height"]!.GetValue<int>()));
        using var small = await DownloadAsync(Caller, id, sent.Id, "thumbnail");
        using var shown = SKBitmap.Decode(await small.Content.ReadAsByteArrayAsync());
        Assert.Equal((width, height), (shown.Width, shown.Height));

        // The left half was dark.
        Assert.InRange(held == SKEncodedOrigin.TopLeft ? shown.GetPixel(5, 10).Red : shown.GetPixel(10, 5).Red, 0, 60);
    }

    private string FolderOf(string attachment)
    {
        var name = attachment.Replace("-", "", StringComparison.Ordinal);
        return Path.Combine(suite.Data, "incidents.blobs", name[^2..], name);
    }

    private async Task<JsonObject> SendAsync(string person, string id, string name, byte[] content, string more = "") =>
        (await TryAsync(person, id, name, content, more)).Ok();

    private Task<Answer> TryAsync(string person, string id, string name, byte[] content, string more = "", string? key = null) =>
        suite.SendAsync(person, HttpMethod.Post, $"incidents/{id}/attachments?fileName={Uri.EscapeDataString(name)}{more}",
            new ByteArrayContent(content), key: key);

    private Task<Answer> PartAsync(string person, string id, string attachment, int from, int count, int? total = null, byte[]? body = null)
    {
        var content = new ByteArrayContent(body ?? Large[from..(from + count)]);
        content.Headers.ContentRange = new ContentRangeHeaderValue(from, from + count - 1, total ?? Large.Length);
        return suite.SendAsync(person, HttpMethod.Put, $"incidents/{id}/attachments/{attachment}/content", content);
    }

    private async Task<IReadOnlyList<JsonObject>> ListAsync(string person, string id, string query = "") =>
        (await suite.GetAsync(person, $"incidents/{id}/attachments{query}")).Ok().Items;

    private async Task<HttpResponseMessage> DownloadAsync(
        string person, string id, string attachment, string what, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/incidents/{id}/attachments/{attachment}/{what}");
        with?.Invoke(request);
        return await suite.As(person).SendAsync(request);
    }

    /// <summary>Dark on the left, light on the right.</summary>
    private static byte[] Picture(int width, int height, SKEncodedImageFormat format)
    {
        using var surface = SKSurface.Create(new SKImageInfo(width, height));
        surface.Canvas.Clear(SKColors.White);
        surface.Canvas.DrawRect(0, 0, width / 2f, height, new SKPaint { Color = SKColors.Black });
        using var image = surface.Snapshot();
        using var data = image.Encode(format, 90);
        return data.ToArray();
    }

    private static byte[] Archive(params string[] names)
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var name in names)
            {
                archive.CreateEntry(name);
            }
        }

        return bytes.ToArray();
    }
}
