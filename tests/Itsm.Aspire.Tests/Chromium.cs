using Microsoft.Playwright;

namespace Itsm.Aspire.Tests;

/// <summary>A headless browser: the one that <c>ITSM_TEST_CHROMIUM</c> names, else the machine's; without one the test skips.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private readonly IPlaywright _playwright;

    private Chromium(IPlaywright playwright, IBrowser browser) => (_playwright, Browser) = (playwright, browser);

    public IBrowser Browser { get; }

    public static async Task<Chromium> LaunchAsync()
    {
        var program = Environment.GetEnvironmentVariable("ITSM_TEST_CHROMIUM") is { Length: > 0 } named ? named
            : Usual.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null,
            $"There is no browser: none of {string.Join(", ", Usual)} is installed, and ITSM_TEST_CHROMIUM names none.");
        var playwright = await Playwright.CreateAsync();
        return new Chromium(playwright, await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program, ChromiumSandbox = Environment.UserName != "root",
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
