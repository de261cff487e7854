from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('loan', '0007_indexes_that_know_the_loan'),
    ]

    operations = [
        migrations.AlterField(
            model_name='loan',
            name='due_day',
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
