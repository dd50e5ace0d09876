"""Where supervisord differs from Python's on purpose. The manual lists the same under DIFFERENCES."""
import re

# Python's error for a value that we read because it carries a unit or a fraction.
NUMBER = re.compile(r"invalid literal for int\(\) with base 10: '([^']*)'")
DURATION = re.compile(r'[+-]?(\d[\d_]*(\.\d+)?|\.\d+)\s*(us|ms|s|sec|m|min|h|d)?$|infinity$', re.I)
SIZE = re.compile(r'[+-]?\d[\d_]*\s*[kmg]$', re.I)


def accepted_here(error):
    """Why we accept what Python refuses with that error, or None."""
    if '\\ufeff' in error or '\ufeff' in error:
        return 'a byte order mark is skipped'
    number = NUMBER.search(error)
    if number and SIZE.match(number.group(1)):
        return 'sizes take K, M and G'
    if number and DURATION.match(number.group(1)):
        return 'durations take fractions and units'
    return None


def refused_here(messages):
    """Why we refuse with those messages what Python accepts, or None."""
    if 'holds a NUL byte' in messages:
        return 'a file with NUL bytes is refused'
    if re.search(r"'%[-+ #0-9.hlL]*[sra]' is not of the form", messages):
        return 'a bare %s is refused'
    if re.search(r'%\([^)]*\)[racefgEFG] is not supported', messages):
        return "Python's conversions that make no sense in a configuration are refused"
    if 'is no name of a variable' in messages:
        return "names of variables hold no '='"
    if 'more than 100000 processes' in messages:
        return 'the number of processes is limited'
    if 'longer than 1 MiB' in messages:
        return 'the length of a line is limited'
    if 'is too large; use a smaller number' in messages:
        return 'numbers are limited to 64 bits'
    return None


def deliberate(path, expected, actual, error, messages):
    """The reason for the difference at path, or None if there is none that is meant."""
    if path == 'accepted':
        return accepted_here(error) if actual else refused_here(messages)
    if '.environment.' in path and "Python's supervisord reads only a part of this" in messages:
        return 'an environment that Python mis-reads is taken as written'
    return None
