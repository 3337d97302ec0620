"""Builds the extension module with the library inside it.

The library is built by CMake, from the repository that this folder is in, as a static library without cJSON; so
building needs CMake, a C compiler and the development files of SQLite and libmd, and no network.
"""

import os
import pathlib
import re
import shlex
import subprocess

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def version():
    """Returns the version of the library, which is also that of the package."""
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"project\(eventure\s+VERSION ([0-9.]+)", text).group(1)


def pkg_config(*arguments):
    """Returns the output of pkg-config as arguments of a compiler."""
    return shlex.split(subprocess.check_output(["pkg-config", *arguments], text=True))


class Build(build_ext):
    """Builds the static library first."""

    def build_extension(self, extension):
        """See build_ext."""
        build = pathlib.Path(self.build_temp).resolve() / "library"
        build.mkdir(parents=True, exist_ok=True)
        configure = ["cmake", "-S", str(ROOT), "-B", str(build), "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_TESTING=OFF"]
        configure += ["-DEVENTURE_CJSON=OFF", "-DEVENTURE_PYTHON=OFF", "-DCMAKE_POSITION_INDEPENDENT_CODE=ON"]
        subprocess.check_call(configure)
        jobs = os.environ.get("CMAKE_BUILD_PARALLEL_LEVEL", str(os.cpu_count() or 1))
        subprocess.check_call(["cmake", "--build", str(build), "--target", "eventure_static", "-j", jobs])
        extension.include_dirs += [str(ROOT / "include"), str(build / "include")]
        extension.extra_objects += [str(build / "libeventure.a")]
        super().build_extension(extension)


setup(
    version=version(),
    cmdclass={"build_ext": Build},
    ext_modules=[
        Extension(
            "eventure._eventure",
            sources=sorted(os.path.relpath(path, HERE) for path in (HERE / "src").glob("*.c")),
            depends=["src/binding.h"],
            define_macros=[("_DEFAULT_SOURCE", None)],
            extra_compile_args=["-std=c11", "-O2", "-fvisibility=hidden", *pkg_config("--cflags", "sqlite3", "libmd")],
            extra_link_args=[*pkg_config("--libs", "sqlite3", "libmd"), "-lpthread", "-lm"],
            py_limited_api=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp39"}},
)
