using Itsm.Search.Tests;
using Itsm.Testing;

[assembly: AssemblyFixture(typeof(SearchSuite))]

namespace Itsm.Search.Tests;

/// <summary>The service with those that say what can be found, and the stream that tells of counts.</summary>
public class SearchSuite : RunningSuite
{
    protected override IReadOnlyList<string> Services => ["directory", "incidents", "notifications", "requests", "search"];
}
