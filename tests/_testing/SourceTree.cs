namespace Itsm.Testing;

/// <summary>The sources that the tests were built from.</summary>
public static class SourceTree
{
    /// <summary>Their top folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path in it.</summary>
    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "itsm-services.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("itsm-services.slnx is not above the tests.");
        }

        return folder;
    }
}
