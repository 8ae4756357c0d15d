using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>
/// Makes references for one interface. Its classes are emitted once per process: a proxy, and per method a call that
/// holds the arguments in fields of their own types, so that a call boxes nothing and costs one object.
/// </summary>
sealed class ProxyFactory
{
    static readonly ConcurrentDictionary<Type, ProxyFactory> Factories = new();

    readonly Func<CallTarget, GrainProxy> create;

    ProxyFactory(Type contract) => create = Emit(contract);

    public static ProxyFactory For(Type contract) => Factories.GetOrAdd(contract, static type => new(type));

    public T Create<T>(CallTarget target) => (T)(object)create(target);

    static Func<CallTarget, GrainProxy> Emit(Type contract)
    {
        if (!contract.IsInterface || !contract.IsAssignableTo(typeof(IAddressable)))
        {
            throw new ArgumentException($"{contract.FullName} is not an interface of a grain or an observer.", nameof(contract));
        }

        MethodInfo[] methods = [.. contract.GetInterfaces().Append(contract)
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))];
        foreach (var method in methods)
        {
            RequireCallable(method);
        }

        var assembly = AssemblyBuilder.DefineDynamicAssembly(new($"{contract.FullName}.Proxies"), AssemblyBuilderAccess.Run);
        LetSeeInternals(assembly, methods, contract);
        var module = assembly.DefineDynamicModule("proxies");
        var proxy = module.DefineType($"{contract.Name}_Proxy", TypeAttributes.Sealed, typeof(GrainProxy), [contract]);
        var constructor = EmitConstructor(proxy);
        List<(Type Call, MethodInfo Method)> calls = [];
        foreach (var method in methods)
        {
            var call = CallEmitter.Define(module, $"{contract.Name}_{calls.Count}_{method.Name}", method);
            calls.Add((call.Type, method));
            CallEmitter.EmitSend(proxy, method, call);
        }

        var make = proxy.DefineMethod("Create", MethodAttributes.Public | MethodAttributes.Static, typeof(GrainProxy), [typeof(CallTarget)]);
        var il = make.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
        foreach (var (call, method) in calls)
        {
            call.GetField(CallEmitter.MethodField)!.SetValue(null, GrainMethod.Of(method));
        }

        return proxy.CreateType().GetMethod(make.Name)!.CreateDelegate<Func<CallTarget, GrainProxy>>();
    }

    static ConstructorBuilder EmitConstructor(TypeBuilder proxy)
    {
        var constructor = proxy.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, [typeof(CallTarget)]);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, typeof(GrainProxy).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, [typeof(CallTarget)])!);
        il.Emit(OpCodes.Ret);
        return constructor;
    }

    static void RequireCallable(MethodInfo method)
    {
        var result = method.ReturnType;
        var isTask = result == typeof(Task) || result == typeof(ValueTask);
        var hasResult = result.IsGenericType && (result.GetGenericTypeDefinition() == typeof(Task<>) || result.GetGenericTypeDefinition() == typeof(ValueTask<>));
        var why = !isTask && !hasResult ? "it must return Task, Task<T>, ValueTask or ValueTask<T>"
            : method.IsGenericMethod ? "it must not be generic"
            : method.GetParameters().Any(parameter => parameter.ParameterType.IsByRef) ? "it must not have ref or out parameters"
            : method.GetParameters().SkipLast(1).Any(parameter => parameter.ParameterType == typeof(CancellationToken)) ? "a CancellationToken must be the last parameter"
            : hasResult && method.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute)) ? "a one-way method has no result"
            : null;
        if (why is not null)
        {
            throw new NotSupportedException($"{method.DeclaringType!.FullName}.{method.Name} cannot be called on a grain: {why}.");
        }
    }

    /// <summary>Grain interfaces and what they speak of are often internal to their assembly.</summary>
    static void LetSeeInternals(AssemblyBuilder assembly, IEnumerable<MethodInfo> methods, Type contract)
    {
        var attribute = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        var types = methods.SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType).Append(method.DeclaringType!));
        foreach (var seen in types.Append(contract).Append(typeof(GrainProxy)).SelectMany(Parts).Select(type => type.Assembly.GetName().Name!).Distinct(StringComparer.Ordinal))
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(attribute, [seen]));
        }
    }

    static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!) : type.GetGenericArguments().SelectMany(Parts).Append(type);
}
