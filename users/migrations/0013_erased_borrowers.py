"""When a borrower was erased, and who may export and erase."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('users', '0012_consents'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='borrower',
            options={'permissions': [('export_borrower', 'Can export everything held on a borrower'), ('erase_borrower', 'Can erase who a borrower is')]},
        ),
        migrations.AddField(
            model_name='borrower',
            name='erased_at',
            field=models.DateTimeField(editable=False, help_text='Since then nothing here tells who it was; the loans stay.', null=True),
        ),
    ]
