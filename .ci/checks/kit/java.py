"""Main classes of the project and of its tests, without Maven."""

from .paths import HOME, LOG, TARGET
from .processes import QUICK_JAVA

OPENED = ("lang", "lang.invoke", "lang.reflect", "io", "net", "nio", "text", "time", "util", "util.concurrent")
OPENED += ("util.concurrent.atomic", "util.concurrent.locks")


def classpath():
    """For the environment: it is too long for a command."""
    libraries = [(TARGET / name).read_text() for name in ("classpath", "classpath-runtime")]
    return ":".join(map(str, (TARGET / "test-classes", *HOME.glob("modules/*/target/classes"), TARGET / "classes", *libraries)))


def command(main, *arguments, log, heap="1g"):
    return [
        *("java", QUICK_JAVA, f"-Xmx{heap}", "-XX:+UseParallelGC", "--enable-native-access=ALL-UNNAMED"),
        *(f"--add-opens=java.base/java.{package}=ALL-UNNAMED" for package in OPENED),
        f"-Dtributary.home={HOME}",
        f"-Dlog.file={LOG / log}",
        f"-Dlog4j2.configurationFile={HOME / 'src/main/resources/log4j2.xml'}",
        main,
        *map(str, arguments),
    ]
