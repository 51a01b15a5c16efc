using MemoryPages.Tool.Model;

namespace MemoryPages.Tool.Examining;

/// <summary>How things are turned on on one machine: which files hold its settings, what starts its kernel, which modules it may load.</summary>
internal sealed class Prescriptions(SystemFiles files, KernelBuild build)
{
    /// <summary>A setting of /proc/sys, by its name with dots.</summary>
    public static Cure Sysctl(string name, long value) => Cure.Of(
        Remedy.Now($"echo {value} > /proc/sys/{name.Replace('.', '/')}"),
        Remedy.AtBoot($"echo {name}={value} > /etc/sysctl.d/90-{name[(name.LastIndexOf('.') + 1)..].Replace('_', '-')}.conf"));

    /// <summary>A setting of /sys, which no file keeps: systemd writes it at boot, if there is one.</summary>
    public Cure Setting(string path, string value) => new(SettingNow(path, value) is var now && files.Exists("/usr/lib/tmpfiles.d")
        ? [now, Remedy.AtBoot($"echo 'w {path} - - - - {value}' >> /etc/tmpfiles.d/memory.conf")]
        : [now]);

    public static Remedy SettingNow(string path, string value, string? words = null) => Remedy.Now($"echo {value} > {path}", words);

    /// <summary>Words for the kernel's command line, added in the way of the boot loader that is installed.</summary>
    public Remedy BootOption(string words)
    {
        const string Grub = "/etc/default/grub";
        const string Pi = "/boot/firmware/cmdline.txt";
        const string Systemd = "/etc/kernel/cmdline";
        return files.Exists("/run/ostree-booted")
            ? Remedy.AtBoot("rpm-ostree kargs " + string.Join(' ', words.Split(' ').Select(static word => $"--append={word}")))
            : files.Exists("/usr/sbin/grubby") ? Remedy.AtBoot($"grubby --update-kernel=ALL --args='{words}'")
            : files.Exists(Grub) ? Remedy.AtBoot($"sed -i 's/^GRUB_CMDLINE_LINUX=\"/&{words} /' {Grub} && "
                + (files.Exists("/usr/sbin/update-grub") ? "update-grub" : "grub2-mkconfig -o /boot/grub2/grub.cfg"))
            : files.Exists(Pi) ? Remedy.AtBoot($"sed -i '1s/$/ {words}/' {Pi}")
            : files.Exists(Systemd) ? Remedy.AtBoot($"sed -i '1s/$/ {words}/' {Systemd} && "
                + "kernel-install add \"$(uname -r)\" \"/lib/modules/$(uname -r)/vmlinuz\"")
            : Remedy.ByHand(When.AtBoot,
                $"add to the kernel's command line: {words} (no boot loader is to be seen here: the host of a virtual machine or container sets it)");
    }

    /// <summary>A driver that should have made a device, or a file.</summary>
    /// <param name="option">Its name in the kernel's configuration, without CONFIG_.</param>
    /// <param name="module">Its module.</param>
    public Cure Driver(string option, string module) => build.Option(option) switch
    {
        Presence.Absent => NotBuilt(option),
        _ when build.IsLoaded(module) || build.Option(option) == Presence.BuiltIn =>
            Cure.None($"The driver {module} is in the kernel, yet what it makes is not to be seen: a container shows only the devices it is given."),
        _ when !build.TakesModules =>
            Cure.None($"The driver {module} would be a module, and this kernel loads none (nomodule, kernel.modules_disabled)."),
        _ when build.Offers(module) == false =>
            Cure.None($"There is no module {module} for this kernel under /lib/modules: install the distribution's package of further modules."),
        _ => Cure.Of(Remedy.Now($"modprobe {module}"), Remedy.AtBoot($"echo {module} > /etc/modules-load.d/{module}.conf")),
    };

    public static Cure NotBuilt(string option) => Cure.None($"This kernel was built without CONFIG_{option}: only another kernel has it.");
}
