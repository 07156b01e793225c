namespace Itsm.Platform.Documents.Files;

/// <summary>Blobs as files of a folder, one folder below it for each owner: for machines without MongoDB.</summary>
internal sealed class FileBlobs(string folder) : IBlobStore
{
    private const int BufferSize = 64 * 1024;
    private const string Unfinished = ".part";

    public async Task<long> WriteAsync(Guid owner, Guid id, Stream content, CancellationToken ct)
    {
        var (path, folderOfOwner) = (PathOf(owner, id), FolderOf(owner));
        Directory.CreateDirectory(folderOfOwner);
        try
        {
            long length;
            await using (var file = new FileStream(path + Unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize,
                FileOptions.Asynchronous))
            {
                await content.CopyToAsync(file, BufferSize, ct);
                await file.FlushAsync(ct);
                file.Flush(flushToDisk: true);
                length = file.Length;
            }

            File.Move(path + Unfinished, path);
            return length;
        }
        catch
        {
            Delete(path + Unfinished);
            throw;
        }
    }

    public Task DeleteAsync(Guid owner, Guid id, CancellationToken ct)
    {
        Delete(PathOf(owner, id));
        return Task.CompletedTask;
    }

    public Task<Stream?> OpenAsync(Guid owner, Guid id, CancellationToken ct)
    {
        try
        {
            return Task.FromResult<Stream?>(new FileStream(PathOf(owner, id), FileMode.Open, FileAccess.Read,
                FileShare.Read | FileShare.Delete, BufferSize, FileOptions.Asynchronous));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(Guid owner, IReadOnlyCollection<Guid> except, CancellationToken ct)
    {
        var all = FolderOf(owner);
        if (!Directory.Exists(all))
        {
            return Task.CompletedTask;
        }

        foreach (var file in Directory.EnumerateFiles(all))
        {
            if (!Guid.TryParse(Path.GetFileName(file), out var id) || !except.Contains(id))
            {
                Delete(file);
            }
        }

        if (except.Count == 0)
        {
            try
            {
                Directory.Delete(all);
            }
            catch (IOException)
            {
                // Something is written, or another deletes, just now.
            }
        }

        return Task.CompletedTask;
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            // Its owner's folder is gone already.
        }
    }

    // The beginning of an id is a time: its end spreads.
    private string FolderOf(Guid owner) => Path.Combine(folder, owner.ToString("N")[^2..], owner.ToString("N"));

    private string PathOf(Guid owner, Guid id) => Path.Combine(FolderOf(owner), id.ToString("N"));
}
