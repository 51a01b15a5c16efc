namespace MemoryPages.Platform.Linux;

/// <summary>What the running kernel can do: asked of it until it has answered, and then never again.</summary>
/// <param name="ask">Null where it could not be asked, as without memory for the question.</param>
internal sealed class RememberedAnswer(Func<bool?> ask)
{
    private const int Unknown = 0;
    private const int No = 1;
    private const int Yes = 2;

    private volatile int _answer;

    public bool IsYes
    {
        get
        {
            if (_answer == Unknown && ask() is bool answer)
            {
                _answer = answer ? Yes : No;
            }

            return _answer == Yes;
        }
    }
}
