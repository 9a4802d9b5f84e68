/* A library that wants more of the room that a process sets aside at its start for variables of threads than is left:
 * dlopen says "cannot allocate memory in static TLS block", however much memory there is. */
static __thread char big[1 << 20] __attribute__((tls_model("initial-exec")));

char *okng_test_static_tls(void);
char *okng_test_static_tls(void)
{
    return big;
}
