using System.Reflection;
using Itsm.Search.Engines;

namespace Itsm.Search.Tests;

public sealed class EngineTests
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>So that it is not loaded where another engine searches.</summary>
    [Fact]
    public void The_embedded_engine_alone_knows_Lucene()
    {
        var types = typeof(ISearchEngine).Assembly.GetTypes();
        Assert.All(types.Where(type => Uses(type).Any(IsLucene)),
            type => Assert.StartsWith("Itsm.Search.Engines.Lucene", type.Namespace, StringComparison.Ordinal));
        Assert.Contains(types, type => Uses(type).Any(IsLucene));
    }

    private static bool IsLucene(Type? type) => type?.Assembly.GetName().Name?.StartsWith("Lucene.Net", StringComparison.Ordinal) == true;

    private static IEnumerable<Type?> Uses(Type type) =>
    [
        type.BaseType, .. type.GetFields(All).Select(field => field.FieldType),
        .. type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(method =>
            method.GetParameters().Select(parameter => parameter.ParameterType)
                .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [])),
    ];
}
