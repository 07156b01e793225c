using System.Globalization;
using System.Runtime.InteropServices;

namespace Itsm.Platform.Hosting;

/// <summary>The folder with the data of the embedded engines: its owner's alone, and held by one process at a time.</summary>
public sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int MaskOfOthers = 0b000_111_111;
    private readonly string _path;
    private readonly FileStream _held;

    private DataFolder(string path, FileStream held) => (_path, _held) = (path, held);

    /// <summary>A file in it.</summary>
    public string PathOf(string file) => Path.Combine(_path, file);

    /// <summary>Makes the folder where it is missing. From then on all files that this process makes are its owner's alone.</summary>
    /// <exception cref="InvalidOperationException">It can't be made or used; the message says which, and why.</exception>
    public static void Create(string path)
    {
        try
        {
            Make(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The folder for data {Path.GetFullPath(path)} can't be used: {e.Message}", e);
        }
    }

    private static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        _ = SetMask(MaskOfOthers);
        Directory.CreateDirectory(path, OwnerOnly);
        File.SetUnixFileMode(path, OwnerOnly);
    }

    /// <summary>Takes the folder for this process until disposed, or its end.</summary>
    /// <exception cref="InvalidOperationException">Another process has it; the message says which.</exception>
    public static DataFolder Hold(string path)
    {
        Create(path);
        var holder = Path.Combine(path, "holder");
        try
        {
            var held = new FileStream(Path.Combine(path, "held"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataFolder(path, held);
        }
        catch (IOException) when (File.Exists(holder))
        {
            throw new InvalidOperationException($"The data in {Path.GetFullPath(path)} is in use by process {File.ReadAllText(holder)}: "
                + "stop that one, or give this one another folder.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    [DllImport("libc", EntryPoint = "umask"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetMask(int mask);
}
