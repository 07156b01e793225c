using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Itsm.Conventions.Tests;

/// <summary>The routes of all services, as the host sees them.</summary>
public sealed class EndpointTests(EndpointTests.Host host) : IClassFixture<EndpointTests.Host>
{
    private readonly IReadOnlyList<RouteEndpoint> _routes = host.Routes;

    /// <summary>Routes for programs that have no person's token: each checks what they bring instead.</summary>
    private static readonly string[] Open = ["api/v1/request-callbacks"];

    /// <summary>What is about the caller alone, asks for a permission for each of its parts, or is for all who are signed in.</summary>
    private static readonly string[] Own = ["api/v1/me", "api/v1/me/work", "api/v1/labels"];

    [Fact]
    public void Every_route_has_a_summary_a_permission_and_a_name_of_its_own()
    {
        Assert.True(_routes.Count > 50, $"Only {_routes.Count} routes were found.");
        Assert.All(_routes, route =>
        {
            Assert.False(string.IsNullOrWhiteSpace(route.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary),
                $"{route.DisplayName} has no summary.");
            Assert.False(string.IsNullOrWhiteSpace(route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName),
                $"{route.DisplayName} has no name.");
            Assert.True(route.Metadata.Any(one => one.GetType().Name == "RequiredPermission")
                || Open.Concat(Own).Contains(route.RoutePattern.RawText!.Trim('/')), $"{route.DisplayName} asks for no permission.");
        });
        Assert.Empty(_routes.Select(route => route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName).GroupBy(name => name)
            .Where(group => group.Count() > 1).Select(group => group.Key));
    }

    /// <summary>The merged contract has one place for each name.</summary>
    [Fact]
    public void Types_that_callers_meet_have_names_of_their_own() => Assert.Empty(
        Repository.Modules.Select(module => module.GetType()).Append(typeof(Ticketing.Ticket)).Append(typeof(Contracts.Actor))
            .SelectMany(type => type.Assembly.GetExportedTypes())
            .Where(type => type is { IsNested: false, Namespace: not null }).GroupBy(type => type.Name.Split('`')[0])
            .Where(same => same.Select(type => type.Assembly).Distinct().Count() > 1)
            .Select(same => string.Join(", ", same.Select(type => type.FullName))));

    [Fact]
    public void Every_route_is_let_through_by_the_gateway()
    {
        var paths = Repository.Modules.SelectMany(module => module.Paths).Append(SharedRoutes.Path).Append(SharedRoutes.Labels).ToList();
        Assert.All(_routes.Select(route => route.RoutePattern.RawText!.TrimStart('/').Split('/')[2]).Distinct(), path =>
            Assert.Contains(path, paths));
        Assert.Equal(paths.Count, paths.Distinct().Count());
        Assert.All(Repository.Modules, module => Assert.Subset(module.Paths.ToHashSet(), module.OpenPaths.Concat(module.TicketPaths).ToHashSet()));
    }

    [Fact]
    public void Every_use_case_is_mapped_by_its_module()
    {
        foreach (var module in Repository.Modules.Select(module => module.GetType()))
        {
            var types = Compiled.Types(module.Assembly).ToList();
            var called = Compiled.Called(types.Single(type => type.FullName == module.FullName)).Select(method => method.FullName).ToHashSet();
            var maps = types.Where(type => type.Namespace.EndsWith(".UseCases", StringComparison.Ordinal))
                .SelectMany(type => type.Methods).Where(method => method.Name == "Map"
                    && method.Parameters is [{ ParameterType.Name: nameof(IEndpointRouteBuilder) }]).ToList();
            Assert.NotEmpty(maps);
            Assert.All(maps, map => Assert.Contains(map.FullName, called));
        }
    }

    [Fact]
    public void Every_request_record_is_one_that_validation_looks_at()
    {
        var requests = Repository.Product.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsNested && type.Name.EndsWith("Request", StringComparison.Ordinal) && !type.Name.Contains('<'))
            .Where(type => type.Assembly != typeof(AppHost.AppHost).Assembly).ToList();
        Assert.True(requests.Count > 15, $"Only {requests.Count} request records were found.");
        Assert.All(requests, type =>
        {
            Assert.True(type.IsNestedPublic, $"{type} is not public.");
            Assert.True(RequestValidation.IsChecked(type), $"{type} is not validated.");
        });
    }

    [Fact]
    public void Every_body_that_a_route_takes_is_validated()
    {
        var taken = _routes.SelectMany(route => route.Metadata.OfType<IAcceptsMetadata>()).Select(accepts => accepts.RequestType)
            .Where(type => type is not null && type != typeof(string)).Distinct();
        Assert.All(taken, type =>
            Assert.True(type!.IsNestedPublic && type.IsClass && type.Namespace!.StartsWith("Itsm.", StringComparison.Ordinal),
                $"{type} is a body that nobody validates."));
    }

    /// <summary>An index costs a row with every write.</summary>
    [Fact]
    public void Every_index_serves_a_list_or_says_what_reads_by_it()
    {
        var lists = _routes.SelectMany(route => route.Metadata.OfType<QueryParameters>().Where(one => one.List is not null)
            .SelectMany(one => route.Metadata.OfType<IProducesResponseTypeMetadata>()
                .Where(page => page.Type is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(Page<>))
                .Select(page => (Record: page.Type!.GetGenericArguments()[0], one.List)))).ToLookup(one => one.Record, one => one.List!);
        var records = Repository.Product.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsAbstract: false, IsGenericTypeDefinition: false } && type.IsAssignableTo(typeof(Platform.Aggregates.Record)))
            .Union(lists.Select(list => list.Key)).ToList();
        Assert.True(records.Count > 20, $"Only {records.Count} types of records were found.");
        var unread = string.Join("; ", records.SelectMany(record => DefinitionOf(record).Collection.Indexes
            .Where(index => index.Serves is null && !lists[record].Any(list => Serves(index, list)))
            .Select(index => $"{record.Name}: {string.Join(", ", index.Fields)}")));
        Assert.True(unread.Length == 0, unread);

        RecordDefinition DefinitionOf(Type record)
        {
            var store = host.Services.GetRequiredService((record.IsAssignableTo(typeof(Aggregate)) ? typeof(AggregateStore<>)
                : typeof(Projection<>)).MakeGenericType(record));
            return (RecordDefinition)store.GetType().GetProperty(nameof(Projection<>.Definition))!.GetValue(store)!;
        }

        static bool Serves(IndexDefinition index, ListDefinition list) =>
            list.Sorts.Concat(list.SortFields.Values).Concat(list.TextSorts.Values).Contains(index.Fields[^1])
                && index.Fields.SkipLast(1).All(field => field == "readers" || list.Filters.Any(filter => filter.Field == field));
    }

    /// <summary>All services, built once and not started.</summary>
    public sealed class Host : IAsyncDisposable
    {
        private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("itsm-conventions");
        private readonly WebApplication _app;

        public Host()
        {
            _app = ServiceHost.Build([], Repository.Modules, builder =>
            {
                builder.Environment.EnvironmentName = "Development";
                builder.Logging.ClearProviders();
                builder.Configuration["Storage:Path"] = _folder.FullName;
                builder.Configuration["Authentication:DevelopmentKey"] = Convert.ToBase64String(new byte[32]);
            });
            Routes = [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
                .Where(route => route.RoutePattern.RawText!.TrimStart('/').StartsWith("api/v1/", StringComparison.Ordinal))];
        }

        public IReadOnlyList<RouteEndpoint> Routes { get; }

        public IServiceProvider Services => _app.Services;

        public async ValueTask DisposeAsync()
        {
            await _app.DisposeAsync();
            _folder.Delete(recursive: true);
        }
    }
}
