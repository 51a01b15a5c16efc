using System.Reflection;
using MemoryPages.Testing;

namespace MemoryPages.Scenarios;

/// <summary>Runs one scenario by name. Exit: what it returns, or 70 with the exception on the error output.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        MethodInfo scenario = typeof(Program).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public))
            .Single(method => method.Name == arguments[0] && method.GetCustomAttribute<ScenarioAttribute>() is not null);
        try
        {
            return scenario.CreateDelegate<Func<string[], int>>()(arguments[1..]);
        }
        catch (MissingException missing)
        {
            Console.Error.WriteLine(missing.Reason);
            return MissingException.ExitCode;
        }
        catch (Exception exception)
        {
            Console.Error.WriteLine(exception);
            return 70;
        }
    }
}

/// <summary>A public static method <c>int Name(string[] arguments)</c> that a test runs in a process of its own.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ScenarioAttribute : Attribute;
