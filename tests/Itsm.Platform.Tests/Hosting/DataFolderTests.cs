using Itsm.Platform.Hosting;

namespace Itsm.Platform.Tests.Hosting;

/// <summary>The folder of the embedded engines: its owner's, and one process's at a time.</summary>
public sealed class DataFolderTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => System.IO.Directory.Delete(_path, recursive: true);

    [Fact]
    public void A_second_holder_is_told_who_has_it_until_it_is_given_up()
    {
        using (DataFolder.Hold(_path))
        {
            Assert.Contains($"in use by process {Environment.ProcessId}",
                Assert.Throws<InvalidOperationException>(() => DataFolder.Hold(_path)).Message, StringComparison.Ordinal);
        }

        using var again = DataFolder.Hold(_path);
        Assert.Equal(Path.Combine(_path, "one.db"), again.PathOf("one.db"));
    }

    [Fact]
    public void Nobody_else_reads_it_or_what_is_made_in_it()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Modes of files are not a thing of Windows.");
            return;
        }

        using var folder = DataFolder.Hold(_path);
        File.WriteAllText(folder.PathOf("one.db"), "data");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.PathOf("one.db")));
    }
}
