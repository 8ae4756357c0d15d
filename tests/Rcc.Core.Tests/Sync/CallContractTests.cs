using System.Collections.Immutable;
using System.Reflection;
using Rcc.Contracts;
using Rcc.Core.Agents;
using Rcc.Core.Sync;

namespace Rcc.Core.Tests.Sync;

/// <summary>
/// What crosses a grain call keeps its name and its numbers: every type has <c>[GenerateSerializer]</c> and an alias, every member a number of its own, every grain interface and method an alias.
/// The types are found by following the grain interfaces, so that none can be forgotten.
/// </summary>
public class CallContractTests
{
    static readonly Assembly Rooms = typeof(Proposal).Assembly;

    static readonly Type[] Interfaces =
        [.. Rooms.GetTypes().Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type) && type.Namespace!.StartsWith("Rcc.", StringComparison.Ordinal))];

    static readonly Type[] Crossing = Find();

    public static TheoryData<Type> AllInterfaces => [.. Interfaces];

    public static TheoryData<Type> AllTypes => [.. Crossing];

    [Fact]
    public void The_search_finds_what_it_must()
    {
        Assert.Contains(typeof(ILogGrain), Interfaces);
        Assert.Contains(typeof(ITailObserver), Interfaces);
        Assert.Contains(typeof(Proposal), Crossing);
        Assert.Contains(typeof(BodyHash), Crossing);
        Assert.Contains(typeof(AgentRow), Crossing);
        Assert.Contains(typeof(Core.Sync.MembershipEntry), Crossing);
    }

    [Theory]
    [MemberData(nameof(AllInterfaces))]
    public void A_grain_interface_and_its_methods_have_aliases_and_take_a_cancellation_token_last(Type type)
    {
        Assert.StartsWith("rcc.", AliasOf(type), StringComparison.Ordinal);
        var methods = type.GetMethods();
        Assert.Equal(methods.Length, methods.Select(AliasOf).Distinct(StringComparer.Ordinal).Count());
        foreach (var method in methods)
        {
            Assert.False(string.IsNullOrEmpty(AliasOf(method)), $"{method.Name} has no alias.");
            Assert.EndsWith("Async", method.Name, StringComparison.Ordinal);
            if (!typeof(IGrainObserver).IsAssignableFrom(type))
            {
                Assert.Equal(typeof(CancellationToken), method.GetParameters()[^1].ParameterType);
            }
        }
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void A_type_that_crosses_a_call_is_serializable_and_named(Type type)
    {
        if (type.IsEnum)
        {
            return;
        }

        Assert.True(type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false), $"{type} has no [GenerateSerializer].");
        Assert.StartsWith("rcc.", AliasOf(type), StringComparison.Ordinal);
        if (!typeof(Exception).IsAssignableFrom(type))
        {
            Assert.True(type.IsDefined(typeof(ImmutableAttribute), inherit: false), $"{type} is not [Immutable].");
        }
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void A_member_that_crosses_a_call_has_a_number_of_its_own(Type type)
    {
        var numbers = new HashSet<uint>();
        foreach (var member in StoredMembers(type))
        {
            var number = member.GetCustomAttribute<IdAttribute>();
            Assert.True(number is not null, $"{type}.{member.Name} has no [Id].");
            Assert.True(numbers.Add(number.Id), $"{type}.{member.Name}: [Id({number.Id})] is used twice.");
        }

        Assert.All(numbers, number => Assert.InRange(number, 0u, (uint)numbers.Count - 1));
    }

    [Theory]
    [MemberData(nameof(AllTypes))]
    public void Nothing_that_crosses_a_call_can_be_changed_afterwards(Type type) =>
        Assert.All(
            StoredMembers(type).Where(_ => !typeof(Exception).IsAssignableFrom(type)),
            member => Assert.True(member.SetMethod is null || member.SetMethod.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit"), $"{type}.{member.Name} can be set."));

    [Fact]
    public void No_two_types_and_no_two_interfaces_share_an_alias()
    {
        Assert.Empty(Crossing.Where(type => !type.IsEnum).GroupBy(AliasOf, StringComparer.Ordinal).Where(same => same.Count() > 1));
        Assert.Empty(Interfaces.GroupBy(AliasOf, StringComparer.Ordinal).Where(same => same.Count() > 1));
    }

    static string AliasOf(MemberInfo member) => member.GetCustomAttributes<AliasAttribute>().FirstOrDefault()?.Alias ?? "";

    /// <summary>What a serializer has to carry: everything that can be given, nothing that is computed.</summary>
    static IEnumerable<PropertyInfo> StoredMembers(Type type) => type.IsEnum || typeof(Exception).IsAssignableFrom(type)
        ? []
        : type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly).Where(property => property.SetMethod is not null && property.GetIndexParameters().Length == 0);

    static Type[] Find()
    {
        var found = new HashSet<Type>();
        foreach (var method in Interfaces.SelectMany(type => type.GetMethods()))
        {
            Follow(method.ReturnType);
            foreach (var parameter in method.GetParameters())
            {
                Follow(parameter.ParameterType);
            }
        }

        // Exceptions reach the caller across a call as well.
        foreach (var failure in Rooms.GetTypes().Where(type => typeof(Exception).IsAssignableFrom(type)))
        {
            Follow(failure);
        }

        return [.. found];

        void Follow(Type type)
        {
            if (type.IsGenericType)
            {
                Assert.Contains(type.GetGenericTypeDefinition(), new[] { typeof(Task<>), typeof(ValueTask<>), typeof(Nullable<>), typeof(ImmutableArray<>) });
                Array.ForEach(type.GetGenericArguments(), Follow);
                return;
            }

            var isOurs = type.Assembly == Rooms || type.Assembly == typeof(Outcome).Assembly;
            if (!isOurs || typeof(IAddressable).IsAssignableFrom(type) || !found.Add(type))
            {
                return;
            }

            foreach (var member in StoredMembers(type))
            {
                Follow(member.PropertyType);
            }

            // A base class stands for whatever derives from it.
            foreach (var derived in Rooms.GetTypes().Where(other => other.BaseType == type))
            {
                Follow(derived);
            }
        }
    }
}
