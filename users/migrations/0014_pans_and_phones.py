"""The vault's records of PANs and phone numbers, whose changes are in the audit trail, masked."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import uuid
from django.db import migrations, models

from bright_credit.common.audit_trail.triggers import audited


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0013_erased_borrowers'),
    ]

    operations = [
        migrations.CreateModel(
            name='PanRecord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('ciphertext', models.BinaryField()),
                ('key_id', models.CharField(max_length=64)),
                ('last_four', models.CharField(max_length=4)),
                ('number_hmac', models.BinaryField()),
                ('pepper_id', models.CharField(db_default='', help_text='The pepper of the HMAC. Empty: not known.', max_length=16)),
                ('borrower', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='pan_record', to='users.borrower')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('number_hmac',), name='pan_number_is_unique'), models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length('number_hmac'), 32), name='pan_hmac_is_32_bytes'), models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length('ciphertext'), 39), name='pan_ciphertext_is_39_bytes'), models.CheckConstraint(condition=models.Q(('key_id', ''), _negated=True), name='pan_key_id_is_not_blank'), models.CheckConstraint(condition=models.Q(('last_four__regex', '^[0-9]{3}[A-Z]$')), name='pan_last_four_are_its_end')],
            },
        ),
        migrations.CreateModel(
            name='PhoneRecord',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('ciphertext', models.BinaryField()),
                ('key_id', models.CharField(max_length=64)),
                ('last_four', models.CharField(max_length=4)),
                ('borrower', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='phone_record', to='users.borrower')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length('ciphertext'), 42), name='phone_ciphertext_is_42_bytes'), models.CheckConstraint(condition=models.Q(('key_id', ''), _negated=True), name='phone_key_id_is_not_blank'), models.CheckConstraint(condition=models.Q(('last_four__regex', '^[0-9]{4}$')), name='phone_last_four_are_digits')],
            },
        ),
        # The key is the borrower's: a record's own is the reference that opens the vault's row.
        audited(
            "users_panrecord",
            key="borrower_id",
            masked=("id", "number_hmac", "ciphertext", "last_four"),
        ),
        audited(
            "users_phonerecord", key="borrower_id", masked=("id", "ciphertext", "last_four")
        ),
    ]
