"""Numbers are librosa's, on real recordings and at the edges of what a signal can be."""

from __future__ import annotations

import warnings

import librosa
import numpy as np
import pytest

from octolab.audio import load, spectra
from octolab.errors import BadInput

RECORDINGS = [
    "ohun/lbh1.wav",
    "librosa-data/glacier-bay-humpback.hq.ogg",  # lossy: nothing in its high bands
    "opensoundscape/birds_10s.wav",
    "scikit-maad/S4A03895_20190522_060000.wav",
]
BOTH = pytest.mark.parametrize("precision", ["fast", "exact"])


@pytest.fixture(scope="module", params=RECORDINGS)
def sound(request, shared) -> tuple[np.ndarray, int]:
    y, sr = load(shared / "data/audio" / request.param)
    return y[: 6 * sr], sr


def check(found, wanted, precision, of_max=1e-9):
    """As `octolab.audio.spectrogram` defines its two precisions."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    assert found.shape == wanted.shape
    if precision == "fast":
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=of_max * np.abs(wanted).max())
    else:
        counts = np.abs(wanted) > 1e-8 * np.abs(wanted).max(axis=-2, keepdims=True)
        np.testing.assert_allclose(found[counts], wanted[counts], rtol=1e-5)


# --- spectrum and bands ---------------------------------------------------------------


@BOTH
def test_power_and_magnitude(sound, precision):
    y, _ = sound
    wanted = np.abs(librosa.stft(y))
    check(spectra.spectrogram(y, precision=precision), wanted**2, precision)
    found = spectra.spectrogram(y, power=1, precision=precision)
    check(found, wanted, precision, of_max=1e-7)
    assert found.dtype == np.float32


@BOTH
@pytest.mark.parametrize("fft", ["scipy", "mkl"])
def test_mel_bands(sound, precision, fft):
    if fft == "mkl":
        pytest.importorskip("mkl_fft")
    y, sr = sound
    found = spectra.melspectrogram(y, sr, precision=precision, fft=fft)
    check(found, librosa.feature.melspectrogram(y=y, sr=sr), precision)


@BOTH
@pytest.mark.parametrize(
    "options",
    [
        {"n_fft": 1024, "hop_length": 256, "n_mels": 40},
        {"n_fft": 1000, "hop_length": 333, "win_length": 801, "pad_mode": "reflect"},
        {"n_fft": 441, "hop_length": 600, "window": "hamming", "n_mels": 20},
        {"htk": True, "norm": None, "fmin": 100.0, "fmax": 4000.0, "n_mels": 64},
        {"power": 1.0, "window": ("kaiser", 8.0), "pad_mode": "edge"},
        {"power": 1.5, "center": False, "n_mels": 13},
    ],
    ids=lambda options: "-".join(options),
)
def test_mel_bands_with_other_parameters(sound, options, precision):
    y, sr = sound
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty bands
        wanted = librosa.feature.melspectrogram(y=y, sr=sr, **options)
    found = spectra.melspectrogram(y, sr, precision=precision, **options)
    check(found, wanted, precision, 1e-7 if options.get("power", 2) < 2 else 1e-9)


@pytest.mark.parametrize("htk", [False, True])
@pytest.mark.parametrize("norm", ["slaney", None])
def test_the_bank_of_filters(htk, norm):
    for sr, n_fft, n_mels, fmin, fmax in (
        (22050, 2048, 128, 0.0, None),
        (48000, 1024, 40, 50.0, 15000.0),
        (8000, 400, 23, 20.0, 3999.0),
    ):
        options = {"n_mels": n_mels, "fmin": fmin, "fmax": fmax, "htk": htk, "norm": norm}
        found = spectra.mel_filters(sr, n_fft, **options)
        np.testing.assert_array_equal(found, librosa.filters.mel(sr=sr, n_fft=n_fft, **options))
        np.testing.assert_array_equal(
            spectra.mel_frequencies(n_mels, fmin, fmax or sr / 2, htk=htk),
            librosa.mel_frequencies(n_mels, fmin=fmin, fmax=fmax or sr / 2, htk=htk),
        )
    hz = np.array([0.0, 60, 440, 999.9, 1000, 1001, 20000])
    np.testing.assert_array_equal(spectra.hz_to_mel(hz, htk=htk), librosa.hz_to_mel(hz, htk=htk))


def test_bands_of_a_given_spectrum(sound):
    y, sr = sound
    power = spectra.spectrogram(y)
    np.testing.assert_allclose(
        spectra.melspectrogram(S=power, sr=sr, n_mels=60),
        librosa.feature.melspectrogram(S=power, sr=sr, n_mels=60),
        rtol=1e-5,
    )


def test_complex_values_and_double_precision(sound):
    y = sound[0][:50_000]
    found = spectra.spectrogram(y, power=None, precision="exact")
    wanted = librosa.stft(y)
    assert found.dtype == np.complex64
    np.testing.assert_allclose(found, wanted, atol=1e-6 * np.abs(wanted).max())
    double = y.astype(np.float64) * 0.123456789
    found = spectra.spectrogram(double, precision="exact")
    assert found.dtype == np.float64
    wanted = np.abs(librosa.stft(double)) ** 2
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-18 * wanted.max())
    assert spectra.spectrogram(double).dtype == np.float32


def test_channels_are_analysed_each_for_itself(sound):
    y, sr = sound
    both = np.stack([y[: 2 * sr], y[-2 * sr :]])
    found = spectra.mfcc(both, sr)
    assert found.shape[:2] == (2, 20)
    np.testing.assert_allclose(found, librosa.feature.mfcc(y=both, sr=sr), rtol=1e-4, atol=1e-3)
    for make in (spectra.spectrogram, spectra.rms, spectra.zero_crossing_rate):
        np.testing.assert_array_equal(make(both)[1], make(both[1]))
    interleaved = np.ascontiguousarray(both.T).T
    np.testing.assert_array_equal(
        spectra.melspectrogram(interleaved, sr), spectra.melspectrogram(both, sr)
    )


# --- what is made of them ---------------------------------------------------------------


@BOTH
def test_cepstrum(sound, precision):
    y, sr = sound
    for options in (
        {},
        {"n_mfcc": 13, "lifter": 22, "n_fft": 1024, "hop_length": 256, "n_mels": 40},
        {"dct_type": 3, "norm": None, "htk": True},
    ):
        np.testing.assert_allclose(
            spectra.mfcc(y, sr, precision=precision, **options),
            librosa.feature.mfcc(y=y, sr=sr, **options),
            rtol=1e-4,
            atol=2e-2 if options.get("norm", "") is None else 1e-3,
        )
    levels = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr))
    np.testing.assert_allclose(
        spectra.mfcc(S=levels), librosa.feature.mfcc(S=levels), rtol=1e-4, atol=1e-3
    )


def test_change_in_time(sound):
    y, sr = sound
    features = librosa.feature.mfcc(y=y, sr=sr)
    for options in ({}, {"order": 2}, {"width": 3, "mode": "nearest"}, {"axis": 0}):
        np.testing.assert_array_equal(
            spectra.delta(features, **options), librosa.feature.delta(features, **options)
        )


def test_decibels(sound):
    y, _ = sound
    complex_values = librosa.stft(y)
    power = np.abs(complex_values) ** 2
    for options in ({}, {"ref": np.max}, {"ref": 0.01, "top_db": None}, {"amin": 1e-3}):
        np.testing.assert_allclose(
            spectra.power_to_db(power, **options),
            librosa.power_to_db(power, **options),
            rtol=1e-6,
            atol=2e-5,
        )
        np.testing.assert_allclose(
            spectra.amplitude_to_db(np.abs(complex_values), **options),
            librosa.amplitude_to_db(np.abs(complex_values), **options),
            rtol=1e-6,
            atol=4e-5,
        )
    assert spectra.power_to_db(100.0) == pytest.approx(20)
    assert power.max() > 0  # what was given is left as it was


@BOTH
def test_onset_strength(sound, precision):
    y, sr = sound
    for options in (
        {},
        {"lag": 2, "max_size": 3, "fmax": 8000.0, "n_mels": 138},
        {"hop_length": 256, "n_fft": 1024, "center": False, "aggregate": np.median},
        {"detrend": True},
    ):
        found = spectra.onset_strength(y, sr, precision=precision, **options)
        wanted = librosa.onset.onset_strength(y=y, sr=sr, **options)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


@BOTH
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"power": 0.3, "gain": 0.8, "bias": 10.0, "time_constant": 5.0},
        {"power": 0.0, "hop_length": 256},
        {"bias": 0.0, "power": 0.25},
        {"b": 0.9, "eps": 1e-3},
    ],
    ids=lambda options: "-".join(options),
)
def test_channel_energy_normalisation(sound, precision, options):
    y, sr = sound
    bands = librosa.feature.melspectrogram(y=y, sr=sr, power=1) * 2**31
    bands[:3] = 0
    found = spectra.pcen(bands, sr, precision=precision, **options)
    with np.errstate(divide="ignore"):
        wanted = librosa.pcen(bands, sr=sr, **options)
    assert found.dtype == (np.float32 if precision == "fast" else np.float64)
    check(found, wanted, precision)


@BOTH
def test_shape_of_the_spectrum(sound, precision):
    y, sr = sound
    feature = librosa.feature
    for name, options in (
        ("spectral_centroid", {}),
        ("spectral_bandwidth", {}),
        ("spectral_bandwidth", {"p": 3, "norm": False}),
    ):
        found = getattr(spectra, name)(y, sr, precision=precision, **options)
        wanted = getattr(feature, name)(y=y, sr=sr, **options)
        assert found.shape == wanted.shape
        np.testing.assert_allclose(found, wanted, rtol=1e-4)
    np.testing.assert_allclose(
        spectra.spectral_flatness(y, precision="fast"), feature.spectral_flatness(y=y), rtol=1e-4
    )


@BOTH
def test_rolloff_is_the_same_bin_or_where_sums_tie_its_neighbour(sound, precision):
    y, sr = sound
    options = {"roll_percent": 0.5, "n_fft": 1024, "hop_length": 300}
    found = spectra.spectral_rolloff(y, sr, precision=precision, **options)
    wanted = librosa.feature.spectral_rolloff(y=y, sr=sr, **options)
    apart = np.abs(found - wanted)
    assert apart.max() < 1.01 * sr / 1024
    assert (apart > 0).mean() < 0.002


def test_shape_of_a_given_spectrum(sound):
    y, sr = sound
    magnitudes = np.abs(librosa.stft(y, n_fft=1024))
    for name in ("spectral_centroid", "spectral_bandwidth", "spectral_rolloff"):
        np.testing.assert_allclose(
            getattr(spectra, name)(S=magnitudes, sr=sr),
            getattr(librosa.feature, name)(S=magnitudes, sr=sr),
            rtol=1e-5,
        )
    np.testing.assert_allclose(
        spectra.spectral_flatness(S=magnitudes),
        librosa.feature.spectral_flatness(S=magnitudes),
        rtol=1e-4,
    )
    np.testing.assert_allclose(
        spectra.rms(S=magnitudes, frame_length=1024),
        librosa.feature.rms(S=magnitudes, frame_length=1024),
        rtol=1e-5,
    )


def test_level_and_zero_crossings(sound):
    y, _ = sound
    for options in ({}, {"frame_length": 999, "hop_length": 100}, {"center": False}):
        np.testing.assert_allclose(
            spectra.rms(y, **options), librosa.feature.rms(y=y, **options), rtol=1e-5
        )
        np.testing.assert_array_equal(
            spectra.zero_crossing_rate(y, **options),
            librosa.feature.zero_crossing_rate(y, **options),
        )


# --- librosa's further parameters ---------------------------------------------------------------


def test_without_a_rate_it_is_librosas(sound):
    y = sound[0][:40_000]
    for name in OF_SOUND:
        wanted = OF_SOUND[name](y=y)
        found = getattr(spectra, name)(y=y, precision="exact")
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-3)
    power = np.abs(librosa.stft(y)) ** 2
    np.testing.assert_allclose(
        spectra.pcen(power, precision="exact"), librosa.pcen(power), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("norm", [1, 2, np.inf])
def test_bands_of_another_norm_and_type(norm, sound):
    y, sr = sound
    options = {"norm": norm, "dtype": np.float64}
    bank = spectra.mel_filters(sr, 2048, **options)
    np.testing.assert_allclose(bank, librosa.filters.mel(sr=sr, n_fft=2048, **options), rtol=1e-12)
    found = spectra.melspectrogram(y, sr, **options)
    wanted = librosa.feature.melspectrogram(y=y, sr=sr, **options)
    assert found.dtype == wanted.dtype == np.float64
    check(found, wanted, "fast")


@pytest.mark.parametrize(
    "options",
    [
        {"window": np.hanning},
        {"window": [1.0] * 2048},
        {"hop_length": None},
        {"hop_length": None, "win_length": 1000},
    ],
    ids=lambda options: "-".join(options),
)
def test_windows_that_are_made_and_steps_of_a_quarter(options, sound):
    y, sr = sound
    found = spectra.melspectrogram(y, sr, **options)
    check(found, librosa.feature.melspectrogram(y=y, sr=sr, **options), "fast")


@pytest.mark.parametrize(
    "options",
    [
        {"max_size": 3},
        {"max_size": 4, "axis": 0},
        {"axis": 0},
        {"max_size": 3, "max_axis": 1},
        {"b": 0.3, "ref": "louder"},
    ],
    ids=lambda options: "-".join(options),
)
def test_pcen_of_other_axes_and_references(options, sound):
    y, sr = sound
    bands = librosa.feature.melspectrogram(y=y, sr=sr)
    if "ref" in options:
        options = {**options, "ref": bands * 2 + 1e-6}
    found, after = spectra.pcen(bands, sr, precision="exact", return_zf=True, **options)
    wanted, theirs = librosa.pcen(bands, sr=sr, return_zf=True, **options)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(after, theirs, rtol=1e-9, atol=1e-15)


def test_pcen_of_one_band_and_of_several_spectrograms(sound):
    y, sr = sound
    bands = librosa.feature.melspectrogram(y=y, sr=sr)
    np.testing.assert_allclose(
        spectra.pcen(bands[20], sr, precision="exact"), librosa.pcen(bands[20], sr=sr), rtol=1e-5
    )
    both = np.stack([bands, bands * 3])
    found = spectra.pcen(both, sr, max_size=3, max_axis=1, precision="exact")
    np.testing.assert_allclose(
        found, librosa.pcen(both, sr=sr, max_size=3, max_axis=1), rtol=1e-5, atol=1e-9
    )


def test_onsets_of_another_spectrogram_and_reference(sound):
    y, sr = sound
    options = {"feature": librosa.feature.chroma_stft, "tuning": 0.0, "lag": 2}
    found = spectra.onset_strength(y, sr, **options)
    wanted = librosa.onset.onset_strength(y=y, sr=sr, **options)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)
    levels = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr))
    options = {"S": levels, "ref": levels - 3, "max_size": 3, "aggregate": None}
    np.testing.assert_allclose(
        spectra.onset_strength(sr=sr, **options),
        librosa.onset.onset_strength(sr=sr, **options),
        rtol=1e-5,
    )


def test_the_spread_about_given_frequencies(sound):
    y, sr = sound
    magnitudes = np.abs(librosa.stft(y))
    about = np.full((1, magnitudes.shape[1]), 2000.0)
    wanted = librosa.feature.spectral_bandwidth(S=magnitudes, sr=sr, centroid=about)
    for given in ({"S": magnitudes}, {"y": y}):
        found = spectra.spectral_bandwidth(**given, sr=sr, centroid=about)
        np.testing.assert_allclose(found, wanted, rtol=1e-4)
    bands = librosa.feature.melspectrogram(y=y, sr=sr)
    freq = librosa.mel_frequencies(128)
    np.testing.assert_allclose(
        spectra.spectral_centroid(S=bands, freq=freq),
        librosa.feature.spectral_centroid(S=bands, freq=freq),
        rtol=1e-5,
    )


@pytest.mark.parametrize("pad", [False, True])
@pytest.mark.parametrize("zero_pos", [False, True])
def test_what_counts_as_a_crossing(pad, zero_pos, sound):
    y = np.round(sound[0], 2)  # with zeros in it
    options = {"pad": pad, "zero_pos": zero_pos, "threshold": 0.015}
    np.testing.assert_allclose(
        spectra.zero_crossing_rate(y, **options),
        librosa.feature.zero_crossing_rate(y, **options),
        rtol=1e-12,
    )


def test_levels_in_double_precision(sound):
    y, _ = sound
    for given in ({"y": y}, {"S": np.abs(librosa.stft(y))}):
        found = spectra.rms(**given, dtype=np.float64)
        wanted = librosa.feature.rms(**given, dtype=np.float64)
        assert found.dtype == wanted.dtype == np.float64
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


# --- the edges ---------------------------------------------------------------

OF_SOUND = {
    "melspectrogram": librosa.feature.melspectrogram,
    "mfcc": librosa.feature.mfcc,
    "onset_strength": librosa.onset.onset_strength,
    "spectral_centroid": librosa.feature.spectral_centroid,
    "spectral_bandwidth": librosa.feature.spectral_bandwidth,
    "spectral_rolloff": librosa.feature.spectral_rolloff,
}
NOISE = np.random.default_rng(5).normal(0, 0.3, 6000).astype(np.float32)
CLIPPED = np.clip(NOISE * 9, -1, 1)


def of_librosa(name, y, sr):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of short sounds and empty bands
        return OF_SOUND[name](y=y, sr=sr)


@pytest.mark.parametrize("name", OF_SOUND)
@pytest.mark.parametrize("count", [1, 2, 511, 1023, 1024, 1025, 2047, 2048, 2049])
def test_short_sounds(name, count):
    y = NOISE[:count]
    found = getattr(spectra, name)(y, 22050, precision="exact")
    wanted = of_librosa(name, y, 22050)
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", OF_SOUND)
@pytest.mark.parametrize("sr", [1, 7, 1_000_000])
def test_any_sample_rate(name, sr):
    found = getattr(spectra, name)(NOISE, sr, precision="exact")
    np.testing.assert_allclose(found, of_librosa(name, NOISE, sr), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("name", OF_SOUND)
@pytest.mark.parametrize(
    "y",
    [np.zeros(6000, np.float32), np.full(6000, 0.5, np.float32), CLIPPED],
    ids=["silence", "direct current", "clipped"],
)
def test_silence_direct_current_and_clipping(name, y):
    found = getattr(spectra, name)(y, 48000, precision="exact")
    wanted = of_librosa(name, y, 48000)
    np.testing.assert_allclose(found, wanted, rtol=2e-3, atol=1e-2)


def test_an_overflow_shows_as_in_librosa():
    loud = NOISE * np.float32(1e20)
    with np.errstate(over="ignore"):
        wanted = np.abs(librosa.stft(loud)) ** 2
    np.testing.assert_array_equal(np.isinf(spectra.spectrogram(loud)), np.isinf(wanted))


# --- what is refused ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (np.zeros(0, np.float32), "there are no samples"),
        (np.float32(1), "must be an array of floats"),
        (np.zeros(100, np.int16), "must be an array of floats"),
        (None, "must be an array of floats"),
        (np.array([0, np.nan], np.float32), "hold NaN or infinity"),
        (np.array([np.inf] * 3000), "hold NaN or infinity"),
    ],
    ids=["empty", "number", "integers", "nothing", "nan", "infinity"],
)
def test_what_is_no_signal_is_refused(samples, message):
    for make in (
        lambda: spectra.spectrogram(samples),
        lambda: spectra.melspectrogram(samples, 8000),
        lambda: spectra.mfcc(samples, 8000),
        lambda: spectra.onset_strength(samples, 8000),
        lambda: spectra.rms(samples),
        lambda: spectra.zero_crossing_rate(samples),
        lambda: spectra.spectral_flatness(samples),
    ):
        with pytest.raises(BadInput, match=message):
            make()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sr": None}, "samples need their rate"),
        ({"sr": 0}, "samples need their rate"),
        ({"sr": "a"}, "samples need their rate"),
        ({"n_fft": 0}, "whole numbers of 1 or more, not 0"),
        ({"n_fft": 1024.0}, r"whole numbers of 1 or more, not 1024\.0"),
        ({"hop_length": 0}, "whole numbers of 1 or more, not 0"),
        ({"hop_length": 512.5}, r"whole numbers of 1 or more, not 512\.5"),
        ({"win_length": 4096}, "win_length must be from 1 to n_fft, not 4096"),
        ({"window": "triangular lace"}, "there is no window 'triangular lace'"),
        ({"window": np.ones(100)}, "the window must have 2048 values"),
        ({"pad_mode": "wrap"}, "pad_mode must be one of constant, edge"),
        ({"precision": "double"}, "precision must be 'fast' or 'exact', not 'double'"),
        ({"fft": "fftw"}, "fft must be 'scipy' or 'mkl', not 'fftw'"),
        ({"power": 0}, "power must be above 0"),
        ({"norm": "area"}, "norm must be 'slaney', a number or None, not 'area'"),
        ({"fmin": 9000.0}, "fmin below fmax: not 9000.0 to 8000.0 Hz"),
        ({"n_mels": 0}, "n_mels of 1 or more"),
        ({"center": False, "n_fft": 8192}, "6000 samples are fewer than a frame of 8192"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_parameters_out_of_range_are_refused(options, message):
    with pytest.raises(BadInput, match=message):
        spectra.melspectrogram(NOISE, **{"sr": 16000, **options})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: spectra.delta(np.zeros((2, 20)), width=4), "width must be odd"),
        (lambda: spectra.delta(np.zeros((2, 5))), "width is 9 but there are only 5 columns"),
        (lambda: spectra.delta(np.zeros((2, 20)), order=0), "order must be 1 or more"),
        (lambda: spectra.mfcc(NOISE, 8000, lifter=-1), "lifter must be 0 or more"),
        (lambda: spectra.mfcc(NOISE, 8000, dct_type=9), "no cosine transform of type 9"),
        (lambda: spectra.power_to_db(np.ones(3) * 1j), "pass abs"),
        (lambda: spectra.power_to_db(np.ones(3), amin=0), "amin must be above 0"),
        (lambda: spectra.power_to_db(np.ones(3), top_db=-1), "top_db must be 0 or more"),
        (lambda: spectra.pcen(np.ones((3, 3)), 8000, gain=-1), "gain, bias and power"),
        (lambda: spectra.pcen(np.ones((3, 3)), 8000, b=2), "b must be from 0 to 1"),
        (lambda: spectra.pcen(np.ones((3, 3)) * 1j, 8000), "pcen takes magnitudes"),
        (lambda: spectra.onset_strength(NOISE, 8000, lag=0), "lag and max_size"),
        (lambda: spectra.spectral_rolloff(NOISE, 8000, roll_percent=1), "roll_percent"),
        (lambda: spectra.spectral_flatness(NOISE, amin=0), "amin must be above 0"),
        (lambda: spectra.spectral_centroid(S=-np.ones((5, 3)), sr=8), "must be of magnitudes"),
        (lambda: spectra.spectral_centroid(NOISE, 8, freq=np.ones(3)), "each of 1025 bins"),
        (lambda: spectra.rms(S=np.ones((5, 3))), "a spectrogram of 5 bins"),
        (lambda: spectra.rms(NOISE, hop_length=0), "whole numbers of 1 or more"),
        (lambda: spectra.spectral_centroid(NOISE, n_fft=64.0), "whole numbers of 1 or more"),
        (lambda: spectra.onset_strength(S=np.ones((3, 9)), ref=np.ones((3, 8))), "ref must have"),
        (lambda: spectra.pcen(np.ones((3, 9)), ref=np.ones((3, 8))), "ref must have"),
        (lambda: spectra.pcen(np.ones(9), max_size=3), "max_size must be at least 1"),
        (lambda: spectra.pcen(np.ones((2, 3, 9)), max_size=3), "max_size needs max_axis"),
        (lambda: spectra.spectral_bandwidth(NOISE, centroid=np.ones((1, 3))), "one frequency for"),
    ],
)
def test_other_functions_refuse_what_they_cannot_use(make, message):
    with pytest.raises(BadInput, match=message):
        make()
