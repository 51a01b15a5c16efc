namespace MemoryPages;

/// <summary>When locked pages become resident.</summary>
public enum LockMode
{
    /// <summary>All pages are made resident before the call returns, and stay. Linux <c>mlock</c>.</summary>
    Resident,

    /// <summary>
    /// Each page stays once it was touched; none is made resident by the call. Linux <c>mlock2</c> with <c>MLOCK_ONFAULT</c>. Windows locks now or
    /// not at all, and refuses (<see cref="ErrorReason.NotSupported"/>).
    /// </summary>
    OnFault,
}
