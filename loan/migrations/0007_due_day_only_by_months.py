from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('loan', '0006_billing_sweeper_schedule'),
    ]

    operations = [
        migrations.AlterField(
            model_name='loan',
            name='due_day',
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
