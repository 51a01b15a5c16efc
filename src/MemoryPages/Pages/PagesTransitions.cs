using MemoryPages.Ownership;

namespace MemoryPages;

/// <summary>Named transitions, where they read better than <see cref="Pages{TProtection}.Protect{TNew}"/>, which each of them is.</summary>
/// <remarks>Each exists where it changes something, and none leads to pages that can be written and run. What they throw: see Protect.</remarks>
public static class PagesTransitions
{
    extension(Pages<NoAccess> pages)
    {
        /// <summary>Allows reading.</summary>
        [Consumes]
        public Pages<ReadOnly> AllowRead() => pages.Protect<ReadOnly>();

        /// <summary>Allows writing.</summary>
        [Consumes]
        public Pages<WriteOnly> AllowWrite() => pages.Protect<WriteOnly>();

        /// <summary>Allows running.</summary>
        [Consumes]
        public Pages<ExecuteOnly> AllowExecute() => pages.Protect<ExecuteOnly>();
    }

    extension(Pages<ReadOnly> pages)
    {
        /// <summary>Forbids reading.</summary>
        [Consumes]
        public Pages<NoAccess> DenyRead() => pages.Protect<NoAccess>();

        /// <summary>Allows writing beside reading.</summary>
        [Consumes]
        public Pages<ReadWrite> AllowWrite() => pages.Protect<ReadWrite>();

        /// <summary>Allows running beside reading.</summary>
        [Consumes]
        public Pages<ReadExecute> AllowExecute() => pages.Protect<ReadExecute>();
    }

    extension(Pages<ReadWrite> pages)
    {
        /// <summary>Forbids reading; writing stays.</summary>
        [Consumes]
        public Pages<WriteOnly> DenyRead() => pages.Protect<WriteOnly>();

        /// <summary>Forbids writing; reading stays.</summary>
        [Consumes]
        public Pages<ReadOnly> DenyWrite() => pages.Protect<ReadOnly>();

        /// <summary>Forbids writing and allows running, in one call: at no moment both.</summary>
        [Consumes]
        public Pages<ReadExecute> AllowExecuteDenyWrite() => pages.Protect<ReadExecute>();
    }

    extension(Pages<WriteOnly> pages)
    {
        /// <summary>Allows reading beside writing.</summary>
        [Consumes]
        public Pages<ReadWrite> AllowRead() => pages.Protect<ReadWrite>();

        /// <summary>Forbids writing: nothing is left.</summary>
        [Consumes]
        public Pages<NoAccess> DenyWrite() => pages.Protect<NoAccess>();

        /// <summary>Forbids writing and allows running, in one call: at no moment both.</summary>
        [Consumes]
        public Pages<ExecuteOnly> AllowExecuteDenyWrite() => pages.Protect<ExecuteOnly>();
    }

    extension(Pages<ExecuteOnly> pages)
    {
        /// <summary>Allows reading beside running.</summary>
        [Consumes]
        public Pages<ReadExecute> AllowRead() => pages.Protect<ReadExecute>();

        /// <summary>Allows writing and forbids running, in one call: at no moment both.</summary>
        [Consumes]
        public Pages<WriteOnly> AllowWriteDenyExecute() => pages.Protect<WriteOnly>();

        /// <summary>Forbids running: nothing is left.</summary>
        [Consumes]
        public Pages<NoAccess> DenyExecute() => pages.Protect<NoAccess>();
    }

    extension(Pages<ReadExecute> pages)
    {
        /// <summary>Forbids reading; running stays.</summary>
        [Consumes]
        public Pages<ExecuteOnly> DenyRead() => pages.Protect<ExecuteOnly>();

        /// <summary>Allows writing and forbids running, in one call: at no moment both.</summary>
        [Consumes]
        public Pages<ReadWrite> AllowWriteDenyExecute() => pages.Protect<ReadWrite>();

        /// <summary>Forbids running; reading stays.</summary>
        [Consumes]
        public Pages<ReadOnly> DenyExecute() => pages.Protect<ReadOnly>();
    }
}
