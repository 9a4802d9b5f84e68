/* Holds a program to AVX2: CPUID answers without AVX-512, AVX-VNNI, AVX10 and AMX, so that a library which has no
 * switch of its own (onnxruntime) takes the code that it runs on an AVX2 CPU.
 *
 *     cc -shared -fPIC -O2 -Wl,-z,initfirst -o cpuid_avx2.so bench/peers/cpuid_avx2.c -ldl
 *     LD_PRELOAD=$PWD/cpuid_avx2.so node ...
 *
 * Linux on x86-64 can make CPUID fault where the CPU or its hypervisor lets it (`cpuid_fault` in /proc/cpuinfo). The
 * constructor turns that on; threads inherit it, a new program image does not, but LD_PRELOAD comes with it. The
 * handler of the fault asks the CPU, takes bits away and goes on behind the instruction. A program's own handler of
 * SIGSEGV gets all other faults; it can neither take this one away nor block it. Where CPUID does not fault the program
 * ends with code 69 (EX_UNAVAILABLE) and says so: figures under a name that they do not deserve are worse than none.
 *
 * Decided before this is loaded, and not changed: the C library's own memcpy and the like. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <cpuid.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define BIT(n) (1U << (n))

typedef struct registers {
    uint32_t eax, ebx, ecx, edx;
} registers;

/* A leaf of CPUID, and the bits that go. */
typedef struct taken {
    uint32_t leaf, subleaf;
    registers bits;
} taken;

static const taken TAKEN[] = {
    /* AVX-512 F, DQ, IFMA, PF, ER, CD, BW, VL; VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ; 4VNNIW, 4FMAPS, VP2INTERSECT,
       FP16; AMX */
    {7,
     0,
     {.ebx = BIT(16) | BIT(17) | BIT(21) | BIT(26) | BIT(27) | BIT(28) | BIT(30) | BIT(31),
      .ecx = BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14),
      .edx = BIT(2) | BIT(3) | BIT(8) | BIT(22) | BIT(23) | BIT(24) | BIT(25)}},
    /* AVX-VNNI, AVX-512 BF16, AMX FP16, AVX-IFMA; AVX-VNNI INT8, NE-CONVERT, AMX COMPLEX, AVX-VNNI INT16, AVX10 */
    {7, 1, {.eax = BIT(4) | BIT(5) | BIT(21) | BIT(23), .edx = BIT(4) | BIT(5) | BIT(8) | BIT(10) | BIT(19)}},
    /* states that the system keeps: mask registers, upper halves, registers 16 to 31; AMX */
    {13, 0, {.eax = BIT(5) | BIT(6) | BIT(7) | BIT(17) | BIT(18)}},
    /* what AMX and AVX10 are like */
    {29, 0, {~0U, ~0U, ~0U, ~0U}},
    {30, 0, {~0U, ~0U, ~0U, ~0U}},
    {36, 0, {~0U, ~0U, ~0U, ~0U}},
};

static struct sigaction g_other; /* what the program wants done at other faults */

static long answer(bool on)
{
    return syscall(SYS_arch_prctl, ARCH_SET_CPUID, on ? 1L : 0L);
}

static registers masked(uint32_t leaf, uint32_t subleaf)
{
    registers r;
    __cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
    for (size_t i = 0; i < sizeof TAKEN / sizeof TAKEN[0]; ++i) {
        if (TAKEN[i].leaf == leaf && TAKEN[i].subleaf == subleaf) {
            r.eax &= ~TAKEN[i].bits.eax;
            r.ebx &= ~TAKEN[i].bits.ebx;
            r.ecx &= ~TAKEN[i].bits.ecx;
            r.edx &= ~TAKEN[i].bits.edx;
        }
    }
    return r;
}

/* A fault of the program's own: its handler, or the end that it would have had. */
static void pass_on(int signal_number, siginfo_t *info, void *context)
{
    if ((g_other.sa_flags & SA_SIGINFO) != 0) {
        g_other.sa_sigaction(signal_number, info, context);
    } else if (g_other.sa_handler != SIG_DFL && g_other.sa_handler != SIG_IGN) {
        g_other.sa_handler(signal_number);
    } else {
        const struct sigaction end = {.sa_handler = SIG_DFL};
        int (*set)(int, const struct sigaction *, struct sigaction *);
        *(void **)&set = dlsym(RTLD_NEXT, "sigaction");
        set(SIGSEGV, &end, NULL); /* the instruction is tried again and ends the program */
    }
}

static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    static const unsigned char CPUID[] = {0x0f, 0xa2};
    /* a general protection fault (no address of its own) of an instruction that could be read */
    if (info->si_code != SI_KERNEL || memcmp((const void *)r[REG_RIP], CPUID, sizeof CPUID) != 0) {
        pass_on(signal_number, info, context);
        return;
    }
    const int kept = errno;
    answer(true);
    const registers found = masked((uint32_t)r[REG_RAX], (uint32_t)r[REG_RCX]);
    answer(false);
    errno = kept;
    r[REG_RAX] = found.eax;
    r[REG_RBX] = found.ebx;
    r[REG_RCX] = found.ecx;
    r[REG_RDX] = found.edx;
    r[REG_RIP] += (greg_t)sizeof CPUID;
}

__attribute__((constructor)) static void begin(void)
{
    static const char TEXT[] = "cpuid_avx2: this CPU or its hypervisor cannot make CPUID fault (no cpuid_fault in "
                               "/proc/cpuinfo): the program cannot be held to AVX2\n";
    struct sigaction ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
    int (*set)(int, const struct sigaction *, struct sigaction *);
    *(void **)&set = dlsym(RTLD_NEXT, "sigaction");
    if (set(SIGSEGV, &ours, &g_other) != 0 || answer(false) != 0) {
        (void)!write(STDERR_FILENO, TEXT, sizeof TEXT - 1);
        _exit(69);
    }
}

/* the program's own handlers and masks: the one of SIGSEGV stays ours, and unblocked */

int sigaction(int signal_number, const struct sigaction *wanted, struct sigaction *before)
{
    int (*set)(int, const struct sigaction *, struct sigaction *);
    *(void **)&set = dlsym(RTLD_NEXT, "sigaction");
    if (signal_number != SIGSEGV) return set(signal_number, wanted, before);
    const struct sigaction was = g_other;
    if (wanted != NULL) g_other = *wanted;
    if (before != NULL) *before = was;
    return 0;
}

sighandler_t signal(int signal_number, sighandler_t handler)
{
    const struct sigaction wanted = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction was;
    return sigaction(signal_number, &wanted, &was) == 0 ? was.sa_handler : SIG_ERR;
}

static const sigset_t *without_ours(const sigset_t *set, sigset_t *copy)
{
    if (set == NULL) return NULL;
    *copy = *set;
    sigdelset(copy, SIGSEGV);
    return copy;
}

int pthread_sigmask(int how, const sigset_t *set, sigset_t *before)
{
    int (*mask)(int, const sigset_t *, sigset_t *);
    *(void **)&mask = dlsym(RTLD_NEXT, "pthread_sigmask");
    sigset_t copy;
    return mask(how, without_ours(set, &copy), before);
}

int sigprocmask(int how, const sigset_t *set, sigset_t *before)
{
    int (*mask)(int, const sigset_t *, sigset_t *);
    *(void **)&mask = dlsym(RTLD_NEXT, "sigprocmask");
    sigset_t copy;
    return mask(how, without_ours(set, &copy), before);
}
