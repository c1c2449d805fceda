"""What can be wrong with a roster file, each with a stable code and a sentence in both languages.

The codes are the contract; a sentence says what is wrong and, where it helps, what to do. Sentences may quote a cell,
so they are answers to the person who sent the file and never go to a log.
"""

from __future__ import annotations

from dataclasses import dataclass

QUOTE_MAX = 60
LOOP_QUOTE_MAX = 400

SENTENCES: dict[str, tuple[str, str]] = {
    # The file as a whole.
    "empty_file": ("Berkas kosong.", "The file is empty."),
    "no_rows": ("Berkas hanya berisi nama kolom, tanpa pegawai.", "The file has column names but no people."),
    "file_too_big": (
        "Isi berkas melebihi {limit} MiB; bagi menjadi beberapa berkas.",
        "The file holds more than {limit} MiB; split it into several files.",
    ),
    "too_many_rows": ("Berkas memuat lebih dari {limit} baris.", "The file has more than {limit} rows."),
    "not_utf8": (
        "Berkas bukan UTF-8; simpan sebagai “CSV UTF-8”.",
        "The file is not UTF-8; save it as “CSV UTF-8”.",
    ),
    "nul_byte": ("Berkas memuat karakter nol.", "The file contains a NUL character."),
    "bad_csv": (
        "Tanda kutip pada baris ini tidak berpasangan, atau satu sel terlalu panjang.",
        "The quotes on this line do not match, or one cell is too long.",
    ),
    "not_xlsx": (
        "Berkas tidak dapat dibaca sebagai XLSX; simpan ulang tanpa kata sandi sebagai XLSX atau CSV.",
        "The file cannot be read as XLSX; save it again as XLSX or CSV, without a password.",
    ),
    # The row of names.
    "missing_column": ("Kolom wajib “{value}” tidak ada.", "The required column “{value}” is missing."),
    "unknown_column": ("Kolom “{value}” tidak dikenal.", "The column “{value}” is unknown."),
    "duplicate_column": ("Kolom “{value}” muncul dua kali.", "The column “{value}” appears twice."),
    # One cell.
    "extra_cells": ("Baris ini lebih panjang daripada baris nama kolom.", "This row is longer than the row of names."),
    "missing_value": ("Nilai wajib belum diisi.", "A required value is empty."),
    "value_too_long": ("Nilai lebih panjang dari {limit} karakter.", "The value is longer than {limit} characters."),
    "bad_text": (
        "Sel memuat karakter yang tidak dapat dicetak atau galat rumus.",
        "The cell contains an unprintable character or a formula error.",
    ),
    "bad_nip": ("NIP harus tepat 18 angka.", "A NIP has exactly 18 digits."),
    "bad_birth_date": (
        "Delapan angka pertama NIP bukan tanggal lahir yang ada.",
        "The first eight digits of the NIP are not a real date of birth.",
    ),
    "nip_lost_digits": (
        "NIP tersimpan sebagai bilangan sehingga angkanya hilang; ubah format kolom menjadi Teks dan isi ulang.",
        "The NIP is stored as a number and lost digits; format the column as text and enter it again.",
    ),
    "bad_date": ("Tanggal harus ditulis TTTT-BB-HH, misalnya 2027-01-31.", "Dates are written YYYY-MM-DD."),
    "bad_email": ("Alamat surel tidak sah.", "The e-mail address is not valid."),
    "bad_work_week": ("Hari kerja harus 5 atau 6.", "The work week is 5 or 6 days."),
    "unknown_level": ("Jenjang “{value}” tidak dikenal.", "The level “{value}” is unknown."),
    "unknown_kind": ("Jenis pegawai “{value}” tidak dikenal.", "The kind of employee “{value}” is unknown."),
    "unknown_zone": ("Zona “{value}” bukan WIB, WITA atau WIT.", "The zone “{value}” is not WIB, WITA or WIT."),
    "bad_figure": (
        "Nilai harus berupa angka dari 0 sampai {limit}, misalnya 97,5.",
        "The value is a number from 0 to {limit}, such as 97.5.",
    ),
    "unknown_role": ("Peran “{value}” tidak dikenal.", "The role “{value}” is unknown."),
    # A result of an earlier year.
    "bad_year": ("Tahun ditulis dengan empat angka, misalnya 2024.", "A year is written in four digits, such as 2024."),
    "bad_months": ("Bulan harus bilangan bulat dari 1 sampai 12.", "The months are a whole number from 1 to 12."),
    "year_not_over": (
        "Tahun {value} belum berakhir, jadi belum ada hasilnya.",
        "The year {value} is not over, so it has no result yet.",
    ),
    "no_scheme": (
        "Untuk tahun {value} belum ada cara penilaian yang dikenal; hasilnya tidak dapat diimpor.",
        "No way of judging is known for {value}; its result cannot be imported.",
    ),
    "unknown_label": (
        "“{value}” bukan predikat menurut {limit}.",
        "“{value}” is no label of {limit}.",
    ),
    "no_value_in_scheme": (
        "{limit} tidak mengenal nilai angka; isi predikat dan kosongkan nilai.",
        "{limit} knows no value; give the label and leave the value empty.",
    ),
    "label_needed": (
        "Nilai {value} menurut {limit} tidak menentukan predikat sendirian; isi predikatnya.",
        "By {limit} the value {value} alone does not tell the label; give the label.",
    ),
    "label_against_value": (
        "Predikat “{value}” bertentangan dengan nilainya menurut {limit}.",
        "The label “{value}” contradicts the value by {limit}.",
    ),
    # A row beside the others.
    "not_in_cycle": ("NIP ini tidak ada dalam siklus.", "Nobody in the cycle has this NIP."),
    "own_figure": (
        "Nilai diri sendiri dimasukkan oleh HR yang lain.",
        "A figure of yours is entered by another HR officer.",
    ),
    "unknown_person": ("NIP ini tidak ada di daftar pegawai.", "This NIP is not on the roster."),
    "own_result": (
        "Tidak seorang pun mencatat hasilnya sendiri; minta pengelola kinerja lain (atau PyB) mengimpor baris ini.",
        "Nobody records a result of her own; let another performance administrator (or the PyB) import this row.",
    ),
    "duplicate_year": (
        "Tahun ini untuk NIP yang sama sudah ada pada baris {value}.",
        "Row {value} has this year of the same NIP already.",
    ),
    "year_is_here": (
        "Tahun {value} pegawai ini dinilai di Siklus; hasilnya tidak diimpor.",
        "This person's {value} is appraised in Siklus; its result is not imported.",
    ),
    "duplicate_nip": ("NIP ini sudah ada pada baris {value}.", "This NIP already stands in row {value}."),
    "self_supervisor": ("Pegawai tidak dapat menjadi atasan dirinya sendiri.", "Nobody supervises himself."),
    "unknown_supervisor": (
        "NIP atasan {value} tidak ada dalam berkas maupun data pegawai.",
        "The supervisor's NIP {value} is neither in the file nor among the known people.",
    ),
    "supervisor_rejected": (
        "Baris atasan {value} ditolak, dan ia belum terdaftar.",
        "The row of the supervisor {value} is rejected, and that person is not known yet.",
    ),
    "loop_in_line": ("Garis atasan melingkar: {value}.", "The line of supervisors is a loop: {value}."),
    "unit_conflict": (
        "Unit ini sudah ditulis dengan nama atau induk lain pada baris {value}.",
        "Row {value} gives this unit another name or parent.",
    ),
    "unknown_unit_parent": ("Unit induk “{value}” tidak dikenal.", "The parent unit “{value}” is unknown."),
    "loop_in_units": ("Susunan unit melingkar: {value}.", "The units form a loop: {value}."),
    "notice_too_short": (
        "Di bawah unit induk itu tenggat yang berjalan maju terlalu dekat ({value}). "
        "Beri unit ini jadwal sendiri dahulu, lalu pindahkan.",
        "Below that parent unit deadlines of running years come too near ({value}). "
        "Give this unit windows of its own first, then hang it there.",
    ),
    "already_open": (
        "Di bawah unit induk itu jadwal yang sudah dibuka menjadi tertutup lagi ({value}). "
        "Beri unit ini jadwal sendiri dahulu, lalu pindahkan.",
        "Below that parent unit windows that are open would be shut again ({value}). "
        "Give this unit windows of its own first, then hang it there.",
    ),
    "out_of_order": (
        "Di bawah unit induk itu jadwal tidak dapat berjalan berurutan ({value}). "
        "Beri unit ini jadwal sendiri dahulu, lalu pindahkan.",
        "Below that parent unit windows could not follow each other ({value}). "
        "Give this unit windows of its own first, then hang it there.",
    ),
    "self_acting": ("Pegawai tidak dapat menjadi Plt atau Plh bagi dirinya sendiri.", "Nobody acts for himself."),
    "unknown_acting_for": (
        "NIP {value} yang digantikan tidak ada dalam berkas maupun data pegawai.",
        "The NIP {value} acted for is neither in the file nor among the known people.",
    ),
    "own_role": (
        "Tidak seorang pun memberi peran kepada dirinya sendiri ({value}); minta pengelola kinerja lain mengimpor baris ini.",
        "Nobody grants roles to herself ({value}); let another performance administrator import this row.",
    ),
    "own_superior": (
        "Tidak seorang pun memilih penilainya sendiri: Plt atau Plh pada jabatan di atas Anda, dan atasan dari pejabatnya, dicatat oleh "
        "pengelola kinerja lain (atau PyB).",
        "Nobody chooses who appraises her: let another performance administrator (or the PyB) say who acts in a post above yours, "
        "and who supervises its holder.",
    ),
    "own_pyb": (
        "Tidak seorang pun memilih penilainya sendiri: pada penilaian Anda berperan seorang PyB, jadi siapa PyB dicatat oleh pengelola "
        "kinerja lain atau melalui baris perintah.",
        "Nobody chooses who appraises her: a PyB stands around an appraisal of yours, so let another performance administrator, or the "
        "command line, say who is PyB.",
    ),
    "own_row": (
        "Tidak seorang pun memutuskan kepegawaiannya sendiri: “{value}” pada baris Anda berbeda dari yang tercatat. "
        "Samakan dengan yang tercatat, atau minta pengelola kinerja lain (atau PyB) mencatatnya.",
        "Nobody decides about her own service: “{value}” in your row differs from what is recorded. "
        "Make it what is recorded, or let another performance administrator (or the PyB) record it.",
    ),
    "acting_twice": (
        "Pegawai tidak dapat menjadi Plt sekaligus Plh pada jabatan yang sama.",
        "Nobody is Plt and Plh of the same post at once.",
    ),
    "has_left": (
        "Pegawai ini tercatat berhenti sejak {value}. Samakan baris ini dengan yang tercatat, atau hapus; bila ia kembali, isi tmt "
        "dengan hari pertamanya.",
        "This person is recorded as having left on {value}. Make the row what is recorded, or take it out; for who comes back, say the "
        "first day as tmt.",
    ),
    "acting_dates_reversed": (
        "Akhir masa Plt atau Plh mendahului awalnya.",
        "The acting appointment ends before it begins.",
    ),
}


@dataclass(frozen=True)
class RosterProblem:
    """`row` is the number that a person sees in the file (names = 1); `column` is empty for the whole row or file."""

    row: int
    column: str
    code: str
    message_id: str
    message_en: str


def problem(row: int, column: str, code: str, value: str | int = "", limit: int | str = 0) -> RosterProblem:
    quoted = _quotable(str(value), LOOP_QUOTE_MAX if code.startswith("loop") else QUOTE_MAX)
    indonesian, english = SENTENCES[code]
    return RosterProblem(
        row=row,
        column=_quotable(column, QUOTE_MAX),
        code=code,
        message_id=indonesian.format(value=quoted, limit=limit),
        message_en=english.format(value=quoted, limit=limit),
    )


def _quotable(text: str, limit: int) -> str:
    """What a JSON answer, a page and a database can all hold: no control characters, no lone surrogates."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:limit])
    return shown if len(text) <= limit else shown + "…"
