using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Itsm.Conventions.Tests;

/// <summary>The product as the compiler made it.</summary>
internal static class Compiled
{
    public static IEnumerable<TypeDefinition> Types(Assembly assembly) =>
        AssemblyDefinition.ReadAssembly(assembly.Location).MainModule.GetTypes()
            .Where(type => NamespaceOf(type).StartsWith("Itsm", StringComparison.Ordinal));

    public static string NamespaceOf(TypeReference type) => type.DeclaringType is { } outer ? NamespaceOf(outer) : type.Namespace;

    /// <summary>All types that the declarations and bodies of a type name.</summary>
    public static IEnumerable<TypeReference> Used(TypeDefinition type)
    {
        IEnumerable<TypeReference?> used =
        [
            type.BaseType, .. type.Interfaces.Select(one => one.InterfaceType), .. type.Fields.Select(field => field.FieldType),
            .. type.CustomAttributes.Select(one => one.AttributeType),
            .. type.Methods.SelectMany(method => method.Parameters.Select(parameter => parameter.ParameterType).Append(method.ReturnType)),
            .. type.Methods.Where(method => method.HasBody).SelectMany(method => method.Body.Variables.Select(one => one.VariableType)
                .Concat(method.Body.Instructions.SelectMany(Named))),
        ];
        return used.OfType<TypeReference>().SelectMany(Parts);
    }

    private static IEnumerable<TypeReference?> Named(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments],
        MemberReference member => [member.DeclaringType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification other => Parts(other.ElementType),
        GenericParameter => [],
        _ => [type],
    };

    /// <summary>All methods that the bodies of a type, and of what the compiler nests in it, call.</summary>
    public static IEnumerable<MethodReference> Called(TypeDefinition type) => type.NestedTypes.SelectMany(Called)
        .Concat(type.Methods.Where(method => method.HasBody)
            .SelectMany(method => method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>()));
}
