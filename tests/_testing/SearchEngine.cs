using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Itsm.Testing;

/// <summary>A search engine for tests that use others at the same time, too: each has its own names.</summary>
/// <param name="find">Finds a real one; null for the embedded one.</param>
public sealed class SearchEngine(Func<Task<string>>? find)
{
    private string? _address;

    /// <summary>False until a real one is found.</summary>
    public bool IsThere => find is null || _address is not null;

    /// <summary>Before all names.</summary>
    public string Prefix { get; } = "itsm-tests-" + Path.GetRandomFileName().Replace('.', '-');

    /// <summary>Its address; skips the running test where there is none.</summary>
    public async Task<string> FindAsync() => _address ??= await find!();

    /// <summary>Lets a suite use it.</summary>
    public void Configure(WebApplicationBuilder builder)
    {
        if (_address is not null)
        {
            builder.Configuration["ConnectionStrings:elasticsearch"] = _address;
            builder.Configuration["Storage:Prefix"] = Prefix;
        }
    }

    /// <summary>Deletes what was made; fails where nothing was.</summary>
    public async Task CleanAsync()
    {
        if (_address is null)
        {
            return;
        }

        using var http = new HttpClient { BaseAddress = new Uri(_address) };
        var indices = JsonNode.Parse(await http.GetStringAsync($"{Prefix}-*/_alias"))!.AsObject().Select(index => index.Key).ToList();
        Assert.True(indices.Count > 0, "Nothing was made on the engine: something else did the searching.");
        (await http.DeleteAsync(string.Join(',', indices))).EnsureSuccessStatusCode().Dispose();
        foreach (var template in JsonNode.Parse(await http.GetStringAsync($"_index_template/{Prefix}-*"))!["index_templates"]!.AsArray())
        {
            (await http.DeleteAsync($"_index_template/{template!["name"]}")).EnsureSuccessStatusCode().Dispose();
        }
    }
}
