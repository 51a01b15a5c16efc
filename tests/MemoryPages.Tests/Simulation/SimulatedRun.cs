using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using MemoryPages.Mapping;
using MemoryPages.Platform;
using Xunit.v3;

namespace MemoryPages.Tests.Simulation;

/// <summary>What is called in a <see cref="SimulatedWorld"/>, where the library's system is the simulated one.</summary>
internal static class SimulatedRun
{
    private static readonly HashSet<nuint> s_known = [];

    /// <summary>The system of this world; null in the real one.</summary>
    public static SimulatedSystem? System { get; private set; }

    /// <summary>How many of a model's many steps are made: on each of several systems it need not be all.</summary>
    public static int Share(int steps) => System is null ? steps : steps / 10;

    /// <summary>The access that the system's list of mappings shows where this was asked for, for example <c>-w-p</c>.</summary>
    public static string Shown(string access) => System is null || access[..3] == "---"
        ? access
        : $"{(System.Facts.RoundsProtection ? 'r' : access[0])}{access[1..]}";

    /// <summary>Whether memory that is decommitted is seen to be gone at once.</summary>
    public static bool GivesBackAtOnce => System is not { Facts.KeepsUntilCommitted: true };

    /// <summary>Bytes that are locked: in the simulated system, or, of the whole process, in the real one.</summary>
    public static long LockedBytes => System is null ? SystemMap.Status("VmLck") : (long)System.LockedBytes;

    public static void Begin(string system)
    {
        System = new SimulatedSystem(SimulatedFacts.All.Single(facts => facts.Name == system));
        SystemChoice.Instead = System;
        SystemMap.PageSize = System.PageSize;
        Assert.Same(System, MemorySystem.Current);
    }

    /// <summary>Each test of a class, with all its data.</summary>
    public static void Class(string name)
    {
        Type type = typeof(SimulatedRun).Assembly.GetType(name)!;
        foreach (MethodInfo method in type.GetMethods().Where(m => m.IsDefined(typeof(FactAttribute)) && !m.IsDefined(typeof(OnlyForRealAttribute))))
        {
            foreach (object?[] arguments in DataOf(method))
            {
                try
                {
                    Method(type, Closed(method, arguments), arguments);
                    AssertNothingLeft();
                }
                catch (Exception exception) when (!exception.Message.StartsWith("$XunitDynamicSkip$", StringComparison.Ordinal))
                {
                    s_known.UnionWith(RangesInUse().Select(range => range.Start)); // no other test's
                    throw new InvalidOperationException($"{method.Name}({string.Join(", ", arguments)}): {exception.Message}", exception);
                }
                catch (Exception)
                {
                    // It says itself that it cannot be run here.
                }
            }
        }
    }

    /// <summary>One verb, with each call of it refused in turn.</summary>
    public static void RefuseInTurn(string verb)
    {
        try
        {
            Verb.All.Single(one => one.Name == verb).RefuseInTurn(System!);
        }
        catch
        {
            s_known.UnionWith(RangesInUse().Select(range => range.Start)); // one test's leak is not the next one's
            throw;
        }
    }

    /// <summary>All verbs, with one call that is refused always.</summary>
    /// <param name="call">A member of the platform floor.</param>
    /// <param name="mustBeMet">Whether some verb is to ask for it: else it was refused for nothing.</param>
    public static void RefuseAlways(string call, bool mustBeMet)
    {
        bool isMet = false;
        var failures = new List<Exception>();
        foreach (Verb verb in Verb.All)
        {
            try
            {
                isMet |= verb.RefuseAlways(System!, call);
            }
            catch (Exception failure)
            {
                s_known.UnionWith(RangesInUse().Select(range => range.Start));
                failures.Add(failure);
            }
        }

        if (failures.Count != 0)
        {
            throw new AggregateException(failures);
        }

        Assert.True(isMet || !mustBeMet, $"No verb asks for {call}: it is refused for nothing.");
    }

    /// <summary>Nothing is mapped but what the library keeps inaccessible on purpose, and nothing was asked that no system does.</summary>
    public static void AssertNothingLeft()
    {
        Pages.Allocate(1).Dispose(); // ranges that could not be ended are ended with a later one
        if (RangesInUse() is { Count: > 0 })
        {
            GC.Collect(); // tests lose things on purpose
            GC.WaitForPendingFinalizers();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        List<SimulatedRange> left = RangesInUse();
        s_known.UnionWith(left.Select(range => range.Start)); // one test's leak is not the next one's
        Assert.Empty(left);
        Assert.Empty(System!.TakeMisuses());
    }

    /// <summary>All that is mapped, but for what the library keeps inaccessible on purpose.</summary>
    public static List<SimulatedRange> RangesInUse()
    {
        HashSet<nuint> kept = [.. Kept(null).Select(range => range.ReservedAddress)];
        return [.. System!.Ranges.Where(range => !range.Page.IsSealed && !s_known.Contains(range.Start) && (range.Page.IsMemory || (!kept.Contains(range.Start) && !kept.Any(address => address > range.Start && address < range.End))))];
    }

    [UnsafeAccessor(UnsafeAccessorKind.StaticField, Name = "s_kept")]
    private static extern ref Queue<MappedRange> Kept([UnsafeAccessorType("MemoryPages.Mapping.Quarantine, MemoryPages")] object? quarantine);

    private static IEnumerable<object?[]> DataOf(MethodInfo method)
    {
        DataAttribute[] attributes = [.. method.GetCustomAttributes().OfType<DataAttribute>()];
        return attributes.Length == 0 ? [[]] : attributes.SelectMany(attribute => attribute switch
        {
            InlineDataAttribute inline => [inline.Data],
            MemberDataAttribute member => Rows(method.DeclaringType!, member),
            _ => throw new NotSupportedException(attribute.GetType().Name),
        });
    }

    private static IEnumerable<object?[]> Rows(Type type, MemberDataAttribute attribute)
    {
        Type owner = attribute.MemberType ?? type;
        var rows = (System.Collections.IEnumerable)owner.GetProperty(attribute.MemberName, BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
        return rows.Cast<object>().Select(row => row as object?[] ?? ((ITheoryDataRow)row).GetData());
    }

    private static MethodInfo Closed(MethodInfo method, object?[] arguments) => !method.IsGenericMethodDefinition
        ? method
        : method.MakeGenericMethod([.. method.GetGenericArguments().Select(type =>
            arguments[Array.FindIndex(method.GetParameters(), parameter => parameter.ParameterType == type)]!.GetType())]);

    private static void Method(Type type, MethodInfo method, object?[] arguments)
    {
        object? test = method.IsStatic ? null : Activator.CreateInstance(type);
        try
        {
            object?[] all = [.. method.GetParameters().Select((parameter, i) => i < arguments.Length ? Fitting(arguments[i], parameter.ParameterType) : parameter.DefaultValue)];
            object? result = method.Invoke(test, all);
            (result as Task ?? (result as ValueTask?)?.AsTask())?.GetAwaiter().GetResult();
        }
        catch (TargetInvocationException wrapped)
        {
            ExceptionDispatchInfo.Throw(wrapped.InnerException!);
        }
        finally
        {
            (test as IDisposable)?.Dispose();
        }
    }

    /// <summary>Numbers as the compiler would convert them.</summary>
    private static object? Fitting(object? argument, Type type) =>
        argument is IConvertible && type.IsPrimitive && type != typeof(nuint) && type != typeof(nint) ? Convert.ChangeType(argument, type, null) : argument;
}
