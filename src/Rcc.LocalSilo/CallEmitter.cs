using System.Reflection;
using System.Reflection.Emit;
using Orleans.Runtime;

namespace Rcc.LocalSilo;

/// <summary>Emits, for one interface method, the call class and the proxy's method that sends it.</summary>
static class CallEmitter
{
    public const string MethodField = "Method";

    /// <summary>Defines <c>class Call : ResultCall&lt;T&gt; { public A a; …; ValueTask&lt;T&gt; Invoke(object instance) => ((I)instance).M(a, …); }</c>.</summary>
    public static (Type Type, ConstructorInfo Constructor, FieldInfo[] Arguments) Define(ModuleBuilder module, string name, MethodInfo method)
    {
        var result = ResultOf(method);
        var parent = result is null ? typeof(VoidCall) : typeof(ResultCall<>).MakeGenericType(result);
        var type = module.DefineType(name, TypeAttributes.Sealed, parent);
        type.DefineField(MethodField, typeof(GrainMethod), FieldAttributes.Public | FieldAttributes.Static);
        FieldBuilder[] arguments = [.. method.GetParameters().Select((parameter, index) =>
            type.DefineField($"argument{index}", parameter.ParameterType, FieldAttributes.Public))];

        var invoked = parent.GetMethod(nameof(VoidCall.Invoke))!;
        var invoke = type.DefineMethod(invoked.Name, MethodAttributes.Public | MethodAttributes.Virtual, invoked.ReturnType, [typeof(object)]);
        var il = invoke.GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.DeclaringType!);
        foreach (var argument in arguments)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, argument);
        }

        il.Emit(OpCodes.Callvirt, method);
        if (method.ReturnType != invoked.ReturnType)
        {
            il.Emit(OpCodes.Newobj, invoked.ReturnType.GetConstructor([method.ReturnType])!);
        }

        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(invoke, invoked);

        var constructor = type.DefineDefaultConstructor(MethodAttributes.Public);
        var made = type.CreateType();
        return (made, made.GetConstructor([])!, [.. arguments.Select(argument => made.GetField(argument.Name)!)]);
    }

    /// <summary>Defines <c>Task&lt;T&gt; M(A a, …) => Call(new Call { a = a, … }, Call.Method, token)</c>.</summary>
    public static void EmitSend(TypeBuilder proxy, MethodInfo method, (Type Type, ConstructorInfo Constructor, FieldInfo[] Arguments) call)
    {
        var parameters = method.GetParameters();
        var sender = proxy.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot | MethodAttributes.HideBySig,
            method.ReturnType,
            [.. parameters.Select(parameter => parameter.ParameterType)]);
        var il = sender.GetILGenerator();
        for (var index = 0; index < parameters.Length; index++)
        {
            if (parameters[index].ParameterType.IsAssignableTo(typeof(IAddressable)))
            {
                il.Emit(OpCodes.Ldarg, index + 1);
                il.Emit(OpCodes.Call, typeof(GrainProxy).GetMethod(nameof(GrainProxy.RequireReference))!);
            }
        }

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, call.Constructor);
        for (var index = 0; index < parameters.Length; index++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, index + 1);
            il.Emit(OpCodes.Stfld, call.Arguments[index]);
        }

        il.Emit(OpCodes.Ldsfld, call.Type.GetField(MethodField)!);
        if (parameters is [.., { ParameterType: var last }] && last == typeof(CancellationToken))
        {
            il.Emit(OpCodes.Ldarg, parameters.Length);
        }
        else
        {
            il.Emit(OpCodes.Ldloc, il.DeclareLocal(typeof(CancellationToken)));
        }

        var answer = ResultOf(method) ?? typeof(bool);
        il.Emit(OpCodes.Call, typeof(GrainProxy).GetMethod(nameof(GrainProxy.Call))!.MakeGenericMethod(answer));
        if (method.ReturnType.IsValueType)
        {
            var task = method.ReturnType.IsGenericType ? typeof(Task<>).MakeGenericType(answer) : typeof(Task);
            il.Emit(OpCodes.Newobj, method.ReturnType.GetConstructor([task])!);
        }

        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(sender, method);
    }

    static Type? ResultOf(MethodInfo method) => method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : null;
}
